/**
 * What time it is, without signal: the last time a server named, and how long ago that was. While the page lives, `performance.now`
 * counts forward whatever happens to the phone's clock; after a restart only the phone's own clock is left, and it may not have gone back.
 */
import { keepFact, NoVault, readFact } from './vault'

const FACT = 'clock'
const KEEP_EVERY_MS = 60_000

export interface TimeBase {
  /** Seconds since 1970, by a server. */
  readonly serverTime: number
  /** Seconds since then. */
  readonly elapsed: number
}

interface Mark {
  readonly server: number
  readonly steady: number
}

let mark: Mark | null = null
let keptAt = Number.NEGATIVE_INFINITY

const isMark = (value: unknown): value is { server: number; wall: number } =>
  typeof value === 'object' && value !== null && 'server' in value && 'wall' in value && typeof value.server === 'number' && typeof value.wall === 'number'

/** A server said what time it is (milliseconds). Kept about once a minute, for after a restart. */
export function heardServerTime(milliseconds: number): void {
  mark = { server: milliseconds / 1000, steady: performance.now() }
  if (performance.now() - keptAt < KEEP_EVERY_MS) return
  keptAt = performance.now()
  void keepMark()
}

async function keepMark(): Promise<void> {
  if (mark === null) return
  try {
    await keepFact(FACT, { server: mark.server + (performance.now() - mark.steady) / 1000, wall: Date.now() / 1000 })
  } catch (error) {
    if (!(error instanceof NoVault)) throw error
  }
}

/** Null when no server was ever heard on this phone. */
export async function timeBase(): Promise<TimeBase | null> {
  if (mark !== null) return { serverTime: Math.floor(mark.server), elapsed: Math.floor((performance.now() - mark.steady) / 1000) }
  const kept = await readFact(FACT)
  if (!isMark(kept)) return null
  return { serverTime: Math.floor(kept.server), elapsed: Math.max(0, Math.floor(Date.now() / 1000 - kept.wall)) }
}
