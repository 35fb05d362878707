/** Times as people on site read them: always Asia/Shanghai, whatever the phone is set to. Clock and offset are arguments. */

const ZONE = 'Asia/Shanghai'
const DAY_MS = 86_400_000

const stamp = new Intl.DateTimeFormat('en-CA', {
  timeZone: ZONE,
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'

function parts(at: Date): Record<Part, string> {
  const found: Record<Part, string> = { year: '', month: '', day: '', hour: '', minute: '', second: '' }
  for (const part of stamp.formatToParts(at)) {
    if (part.type in found) found[part.type as Part] = part.value
  }
  return found
}

/** `14:32:08` */
export function clock(at: Date): string {
  const p = parts(at)
  return `${p.hour}:${p.minute}:${p.second}`
}

/** `14:32` */
export function shortClock(at: Date): string {
  const p = parts(at)
  return `${p.hour}:${p.minute}`
}

/** `2026-11-22` */
export function day(at: Date): string {
  const p = parts(at)
  return `${p.year}-${p.month}-${p.day}`
}

/** `2026-11-22 14:32` */
export function dayAndClock(at: Date): string {
  return `${day(at)} ${shortClock(at)}`
}

/** The date with its weekday, in the reader's language. */
export function longDay(at: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { timeZone: ZONE, dateStyle: 'full' }).format(at)
}

/** Today: the clock; another day: date and clock. */
export function nearClock(at: Date, now: Date): string {
  return day(at) === day(now) ? shortClock(at) : dayAndClock(at)
}

/** Whole days from `now` to the end of the given day (`YYYY-MM-DD`); 0 on the day itself, negative afterwards. */
export function daysLeft(until: string, now: Date): number {
  return Math.round((Date.parse(`${until}T00:00:00Z`) - Date.parse(`${day(now)}T00:00:00Z`)) / DAY_MS)
}

/** Whole seconds, rounded up, never below 0. */
export function secondsLeft(deadline: number, now: number): number {
  return Math.max(0, Math.ceil((deadline - now) / 1000))
}

/**
 * How far the server's clock is ahead of this phone's, in milliseconds. An HTTP `Date` is cut to the second,
 * so half a second is added; null when the header is missing or unreadable.
 */
export function serverOffset(dateHeader: string | null, receivedAt: number): number | null {
  const server = dateHeader === null ? Number.NaN : Date.parse(dateHeader)
  return Number.isNaN(server) ? null : server + 500 - receivedAt
}
