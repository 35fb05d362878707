/** What stays readable once personal data is hidden on an unattended screen. The server masks by policy; this only hides further. */

const HIDDEN = '＊'

/** The family name stays: a two-character name keeps its first, a longer one its first and last character. */
export function maskName(name: string): string {
  const characters = Array.from(name)
  if (characters.length <= 1) return HIDDEN
  if (characters.length === 2) return `${characters[0] ?? ''}${HIDDEN}`
  return `${characters[0] ?? ''}${HIDDEN.repeat(characters.length - 2)}${characters[characters.length - 1] ?? ''}`
}

/** Nothing of the value, not even its length. */
export function hideValue(): string {
  return '•'.repeat(6)
}
