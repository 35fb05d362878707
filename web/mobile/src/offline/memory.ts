/** What a person read with signal and may need without it, sealed, and gone with his session. */
import { ApiError } from '../api/problem'
import { timeBase } from './clock'
import { NoVault, openVault, keepFact, readFact } from './vault'

const PREFIX = 'mine '
/** A credential lives as long; what is older is of no use without signal. */
const LONGEST_SECONDS = 7 * 86_400

interface Kept<T> {
  readonly at: number
  readonly value: T
}

async function now(): Promise<number> {
  const time = await timeBase()
  return time === null ? 0 : time.serverTime + time.elapsed
}

let swept = false

/** Deletes what is over its term, once in the life of a page: also what nobody asks for any more, and what does not open. */
export async function forgetOld(): Promise<void> {
  const vault = await openVault()
  const oldest = (await now()) - LONGEST_SECONDS
  for (const name of await vault.getAllKeys('facts')) {
    if (!name.startsWith(PREFIX)) continue
    const kept = (await readFact(name)) as Kept<unknown> | null
    if (kept === null || kept.at < oldest) await vault.delete('facts', name)
  }
  swept = true
}

export async function remember(name: string, value: unknown): Promise<void> {
  try {
    await keepFact(PREFIX + name, { at: await now(), value })
    if (!swept) await forgetOld()
  } catch (error) {
    if (!(error instanceof NoVault)) throw error
  }
}

/** Null when it was never read, or too long ago. The seal shows that this app wrote it, in the form in which it reads it. */
export async function recall<T>(name: string, longest = LONGEST_SECONDS): Promise<T | null> {
  try {
    if (!swept) await forgetOld()
    const kept = (await readFact(PREFIX + name)) as Kept<T> | null
    return kept === null || (await now()) - kept.at > longest ? null : kept.value
  } catch (error) {
    if (!(error instanceof NoVault)) throw error
    return null
  }
}

/** The server's answer, or without signal the one before. */
export async function orRemembered<T>(name: string, read: () => Promise<T>, longest = LONGEST_SECONDS): Promise<T> {
  try {
    const answer = await read()
    await remember(name, answer)
    return answer
  } catch (error) {
    const kept = error instanceof ApiError && error.isOffline ? await recall<T>(name, longest) : null
    if (kept === null) throw error
    return kept
  }
}

export async function forgetMine(): Promise<void> {
  try {
    const vault = await openVault()
    const transaction = vault.transaction('facts', 'readwrite')
    for (const name of await transaction.store.getAllKeys()) if (name.startsWith(PREFIX)) await transaction.store.delete(name)
    await transaction.done
  } catch (error) {
    if (!(error instanceof NoVault)) throw error
  }
}
