/** The one kind of address a party's phone opens from a code: this platform's own badge page. Anything else is text and is never followed. */
const TOKEN = /^[A-Za-z0-9_-]{1,400}$/

/** The badge's path on this origin; null for every other text. `origin`: scheme, host and port of this page. */
export function badgePath(text: string, origin: string): string | null {
  const start = `${origin}/b/`
  const token = text.slice(start.length)
  return text.startsWith(start) && TOKEN.test(token) ? `/b/${token}` : null
}
