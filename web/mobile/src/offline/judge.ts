/** Judges an off-line code on this phone, by the pack it has and what it saw before. */
import { type Expect, judgeOffline, type OfflineReport } from '@liangzheng/core'

import { timeBase } from './clock'
import { packHere } from './pack'
import { openVault } from './vault'

/** Longer than any code lives, whatever the clocks say; a showing is not recognised after that, because it has expired. */
const REMEMBERED_SECONDS = 48 * 3600

let seen: Set<string> | null = null

/** Null when this phone has no pack: then nothing can be said without signal. */
export async function judgeHere(text: string, expect: Expect): Promise<OfflineReport | null> {
  const pack = await packHere()
  if (pack === null) return null
  const [time, before] = [await timeBase(), await showings()]
  const device = { serverTime: time?.serverTime ?? null, elapsed: time?.elapsed ?? 0, seen: before }
  return judgeOffline(text, pack, Math.floor(Date.now() / 1000), device, expect)
}

/** From now on this showing counts as used here. */
export async function markSeen(showing: string): Promise<void> {
  const before = await showings()
  before.add(showing)
  await (await openVault()).put('seen', Math.floor(Date.now() / 1000), showing)
}

async function showings(): Promise<Set<string>> {
  if (seen !== null) return seen
  const transaction = (await openVault()).transaction('seen', 'readwrite')
  const found = new Set<string>()
  const oldest = Date.now() / 1000 - REMEMBERED_SECONDS
  for (let cursor = await transaction.store.openCursor(); cursor !== null; cursor = await cursor.continue()) {
    if (cursor.value < oldest) await cursor.delete()
    else found.add(cursor.key)
  }
  await transaction.done
  seen = found
  return found
}

/** After the vault was wiped. */
export function forgetSeen(): void {
  seen = null
}
