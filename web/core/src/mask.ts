/** What stays readable once personal data is hidden on an unattended screen. The server masks by policy; this only hides further. */

const HIDDEN = '＊'

/** The family name stays: a two-character name keeps its first, a longer one its first and last character. */
export function maskName(name: string): string {
  const characters = Array.from(name)
  if (characters.length <= 1) return HIDDEN
  if (characters.length === 2) return `${characters[0] ?? ''}${HIDDEN}`
  return `${characters[0] ?? ''}${HIDDEN.repeat(characters.length - 2)}${characters[characters.length - 1] ?? ''}`
}

/** `3799**********0022` to `3799****0022`: the length of what is hidden helps nobody and breaks the line. */
export function shortMask(masked: string): string {
  return masked.replace(/\*{5,}/g, '****')
}

/** Nothing of the value, not even its length. */
export function hideValue(): string {
  return '•'.repeat(6)
}
