/** A scan without signal: judged here, written down before anybody sees it, handed in later under the same key as a try that had signal. */
import {
  canonicalVerdict,
  DELEGATED,
  fromHex,
  type Expect,
  LICENCE,
  OFFLINE_PREFIX,
  type OfflineReport,
  type OfflineVerdict,
  unjudged,
} from '@liangzheng/core'

import type { Act, ScanMethod } from '../api/types'
import { judgeHere, markSeen } from './judge'
import { packHere } from './pack'
import { append, bytesOfId } from './queue'

export interface SeenScan {
  readonly counter: number
  readonly act: string
  readonly at: number
  readonly method: ScanMethod
  readonly verdict: OfflineVerdict
  /** Null when the code did not open. */
  readonly code: OfflineReport['code']
}

export const isOfflineCode = (text: string): boolean => text.startsWith(OFFLINE_PREFIX)
const seconds = (): number => Math.floor(Date.now() / 1000)

/** Null for a code that only a server can judge, or without a pack. */
export async function judgeForAct(text: string, act: Act): Promise<OfflineReport | null> {
  if (!isOfflineCode(text)) return null
  const expect: Expect = { kinds: [LICENCE, DELEGATED], audience: act.act_code, challenge: new Uint8Array() }
  return judgeHere(text, expect)
}

/** Durable when it returns. `key`: the idempotency key of the try that found no server. */
export async function keepScan(act: Act, key: string, text: string, method: ScanMethod, report: OfflineReport | null): Promise<SeenScan> {
  const verdict = report?.verdict ?? unjudged(isOfflineCode(text) ? 'pack_missing' : 'needs_signal', seconds())
  const pack = (await packHere())?.number ?? 0
  const body = { text, method, verdict: new TextEncoder().encode(canonicalVerdict(verdict)), pack, id: fromHex(key.replaceAll('-', '')) }
  const code = report?.code ?? null
  // First that the badge was seen, then the scan: the server takes them in this order, and a scan before that fills nothing.
  if (code !== null) await keepPresence(act, text, code.proof.matchNumber)
  const counter = await append('scan', act.id, body)
  if (code !== null) await markSeen(code.showing)
  return { counter, act: act.id, at: seconds(), method, verdict, code }
}

/** The party's phone signed the number that it saw on the officer's badge: both were there, and each phone can show it. */
async function keepPresence(act: Act, text: string, match: number): Promise<void> {
  const mine = act.officers.find((officer) => officer.is_me)
  if (match !== 0 && mine !== undefined && Number(mine.match_number) === match) await append('presence', act.id, { match, party: text })
}

/** Takes a scan back with a reason; it stays in the chain. */
export const undoScan = (seen: SeenScan, reason: string): Promise<number> => append('undo', seen.act, { of: seen.counter, reason })
/** The same for a scan that the server judged, by its id. */
export const undoJudged = (act: string, scan: string, reason: string): Promise<number> => append('undo', act, { scan: bytesOfId(scan), reason })
export const lateEntry = (act: string, entry: { requirement: string; reason: string; holder_name: string; number: string; valid_to: string }): Promise<number> =>
  append('late_entry', act, entry)
/** `scans`: how many practice codes were read; nothing else of a practice is kept. */
export const endTraining = (scans: number): Promise<number> => append('training_end', '', { scans })
