function escaped(value: string): string {
  return value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

/** One tile of the watermark as a CSS `url(…)`: the text twice, slanted, whole within 400 × 140 px. */
export function watermarkTile(text: string, ink: 'dark' | 'light'): string {
  const fill = ink === 'light' ? 'rgba(255,255,255,.16)' : 'rgba(40,70,130,.10)'
  const font = "font-family='Noto Sans CJK SC,PingFang SC,sans-serif' font-size='12'"
  const line = escaped(text)
  const svg =
    `<svg xmlns='http://www.w3.org/2000/svg' width='400' height='140'><g fill='${fill}' ${font}>` +
    `<text transform='translate(8,64) rotate(-14)'>${line}</text><text transform='translate(208,134) rotate(-14)'>${line}</text></g></svg>`
  return `url("data:image/svg+xml,${encodeURIComponent(svg)}")`
}
