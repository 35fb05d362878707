/**
 * The numbered checks of an off-line code, in the order and with the outcome of `liangzheng/verification/offline.py`, which says what
 * each one means. Both give the same canonical verdict, byte for byte, on every case of `tests/vectors/offline.json`.
 */
import { equalBytes } from './bytes'
import { type CredentialKind, DELEGATED, LICENCE, MalformedOfflineCode, OFFICER, OFFLINE_PREFIX, readOfflineCode, type UnverifiedOfflineCode } from './offlineCode'
import type { PublicKey } from './signatures'
import type { CheckResult, Standing } from './verdict'

export const OFFLINE_CHECKS = [
  'code_readable',
  'code_kind',
  'credential_signature',
  'issuer_trusted',
  'credential_validity',
  'holder_proof',
  'proof_fresh',
  'audience',
  'challenge',
  'code_unused',
  'clock',
  'pack_fresh',
  'in_validity',
  'status',
  'on_list',
  'physical_required',
] as const
export type OfflineCheckId = (typeof OFFLINE_CHECKS)[number]
const DAY = 86_400
const SHANGHAI = 8 * 3600
const EXPIRES_SOON_DAYS = 30
const STATUS_REASONS: Readonly<Record<number, string>> = { 1: 'revoked', 2: 'suspended', 3: 'transferred_out', 11: 'withdrawn', 12: 'cancelled', 13: 'superseded', 14: 'lost' }

export interface OfflineCheck {
  readonly id: OfflineCheckId
  readonly result: CheckResult
  readonly reason: string
  readonly detail: string
}

export interface OfflineVerdict {
  readonly standing: Standing
  readonly reasons: readonly string[]
  readonly checks: readonly OfflineCheck[]
  readonly as_of: string
  readonly mode: 'offline'
}

export interface CodeKey {
  readonly key: PublicKey
  readonly trustedFrom: number
  readonly distrustedSince: number | null
}

export interface StatusSnapshot {
  readonly issuedAt: number
  readonly expiresAt: number
  readonly bits: number
  readonly packed: Uint8Array
}

export interface FieldPack {
  readonly number: number
  readonly issuedAt: number
  readonly expiresAt: number
  /** The server's time when it was delivered. */
  readonly beacon: number
  /** By hex of the key id. */
  readonly codeKeys: ReadonlyMap<string, CodeKey>
  readonly statuses: ReadonlyMap<string, StatusSnapshot>
  readonly usable: ReadonlyMap<string, 'required' | 'accepted' | 'unconfirmed'>
  readonly limits: { readonly officerStatusMaxAge: number; readonly licenceStatusMaxAge: number; readonly clockTolerance: number }
}

export interface DeviceState {
  /** The last time a server named, in seconds; null: never. */
  readonly serverTime: number | null
  readonly elapsed: number
  readonly seen: ReadonlySet<string>
}

export interface Expect {
  readonly kinds: readonly CredentialKind[]
  readonly audience: string
  readonly challenge: Uint8Array
}

export const EXPECT_LICENCE: Expect = { kinds: [LICENCE, DELEGATED], audience: '', challenge: new Uint8Array() }
export const EXPECT_OFFICER: Expect = { kinds: [OFFICER], audience: '', challenge: new Uint8Array() }

export interface OfflineReport {
  readonly verdict: OfflineVerdict
  /** Null when the code did not open. */
  readonly code: UnverifiedOfflineCode | null
}

interface Case {
  readonly code: UnverifiedOfflineCode
  readonly pack: FieldPack
  readonly now: number
  readonly device: DeviceState
  readonly expect: Expect
}

const check = (id: OfflineCheckId, result: CheckResult, reason = '', detail = ''): OfflineCheck => ({ id, result, reason, detail })

/** `now` in seconds since 1970 by this phone's clock. */
export function judgeOffline(text: string, pack: FieldPack, now: number, device: DeviceState, expect: Expect): OfflineReport {
  const code = read(text)
  if (code === null) {
    const first = text.startsWith(OFFLINE_PREFIX) ? check('code_readable', 'fail', 'code_unreadable') : check('code_readable', 'unknown', 'foreign_code')
    return { verdict: conclude([first], now), code: null }
  }
  const given = { code, pack, now, device, expect }
  const opening = openingChecks(given)
  if (opening.some((one) => one.result !== 'pass')) return { verdict: conclude(opening, now), code: null }
  return { verdict: conclude([...opening, ...timelyChecks(given), ...standingChecks(given)], now), code }
}

/** What is written down of a code that cannot be judged here: kept for the server, never more than unconfirmed. */
export function unjudged(reason: 'needs_signal' | 'pack_missing', now: number): OfflineVerdict {
  return conclude([check('code_readable', 'unknown', reason)], now)
}

function read(text: string): UnverifiedOfflineCode | null {
  try {
    return readOfflineCode(text)
  } catch (error) {
    if (error instanceof MalformedOfflineCode) return null
    throw error
  }
}

function conclude(found: readonly OfflineCheck[], now: number): OfflineVerdict {
  const checks = OFFLINE_CHECKS.map((id) => found.find((one) => one.id === id) ?? check(id, 'not_applicable'))
  const with_ = (...results: CheckResult[]): OfflineCheck[] => checks.filter((one) => results.includes(one.result))
  const standing = with_('fail').length > 0 ? 'invalid' : with_('unknown').length > 0 || with_('pass').length === 0 ? 'cannot_confirm' : 'valid_offline'
  const reasons = [...with_('fail'), ...with_('unknown'), ...with_('pass', 'not_applicable')].map((one) => one.reason).filter(Boolean)
  return { standing, reasons: [...new Set(reasons)], checks, as_of: moment(now), mode: 'offline' }
}

/** RFC 8785 JSON of a verdict: the keys in order, nothing but text inside. */
export function canonicalVerdict(verdict: OfflineVerdict): string {
  const checks = verdict.checks.map(({ detail, id, reason, result }) => ({ detail, id, reason, result }))
  return JSON.stringify({ as_of: verdict.as_of, checks, mode: verdict.mode, reasons: verdict.reasons, standing: verdict.standing })
}

function openingChecks(given: Case): OfflineCheck[] {
  const steps = [(): OfflineCheck => check('code_readable', 'pass'), kindCheck, signatureCheck, issuerCheck, (one: Case): OfflineCheck => byClock(one, credentialCheck(one)), proofCheck]
  const found: OfflineCheck[] = []
  for (const step of steps) {
    found.push(step(given))
    if (found.at(-1)?.result !== 'pass') break
  }
  return found
}

/** What rests on this phone's clock alone: a wrong one accuses nobody. */
const BY_CLOCK: readonly string[] = ['credential_not_yet_valid', 'credential_expired', 'code_expired', 'code_from_future', 'not_yet_effective', 'expired']

function byClock(given: Case, found: OfflineCheck): OfflineCheck {
  return BY_CLOCK.includes(found.reason) && clockCheck(given).result !== 'pass' ? { ...found, result: 'unknown', reason: 'clock_wrong' } : found
}

const kindCheck = ({ code, expect }: Case): OfflineCheck =>
  expect.kinds.includes(code.credential.kind) ? check('code_kind', 'pass') : check('code_kind', 'fail', 'wrong_code_kind')

function signatureCheck({ code, pack }: Case): OfflineCheck {
  const known = pack.codeKeys.get(code.keyId)
  if (known === undefined) return check('credential_signature', 'unknown', 'issuer_unknown')
  return code.isIssuedBy(known.key) ? check('credential_signature', 'pass') : check('credential_signature', 'fail', 'code_forged')
}

function issuerCheck({ code, pack }: Case): OfflineCheck {
  const known = pack.codeKeys.get(code.keyId)
  const since = known?.distrustedSince ?? null
  if (known === undefined) return check('issuer_trusted', 'not_applicable')
  if (since !== null) return check('issuer_trusted', 'fail', 'issuer_distrusted', moment(since))
  if (code.credential.issuedAt < known.trustedFrom) return check('issuer_trusted', 'fail', 'issuer_distrusted', moment(known.trustedFrom))
  return check('issuer_trusted', 'pass')
}

function credentialCheck({ code, pack, now }: Case): OfflineCheck {
  const { issuedAt, expiresAt } = code.credential
  if (now + pack.limits.clockTolerance < issuedAt) return check('credential_validity', 'fail', 'credential_not_yet_valid', moment(issuedAt))
  return now > expiresAt ? check('credential_validity', 'fail', 'credential_expired', moment(expiresAt)) : check('credential_validity', 'pass')
}

const proofCheck = ({ code }: Case): OfflineCheck => (code.isProved() ? check('holder_proof', 'pass') : check('holder_proof', 'fail', 'proof_forged'))

const timelyChecks = (given: Case): OfflineCheck[] => [byClock(given, freshCheck(given)), audienceCheck(given), challengeCheck(given), unusedCheck(given), clockCheck(given), packCheck(given)]

function freshCheck({ code, pack, now }: Case): OfflineCheck {
  const { issuedAt, lifetime } = code.proof
  const slack = pack.limits.clockTolerance
  if (now > issuedAt + lifetime + slack) return check('proof_fresh', 'fail', 'code_expired', moment(issuedAt))
  return now + slack < issuedAt ? check('proof_fresh', 'unknown', 'code_from_future', moment(issuedAt)) : check('proof_fresh', 'pass')
}

function audienceCheck({ code, expect }: Case): OfflineCheck {
  const { audience } = code.proof
  if (audience === '') return check('audience', 'not_applicable')
  return audience === expect.audience ? check('audience', 'pass') : check('audience', 'fail', 'wrong_audience')
}

function challengeCheck({ code, expect }: Case): OfflineCheck {
  if (expect.challenge.length === 0) return check('challenge', 'not_applicable')
  if (code.proof.challenge.length === 0) return check('challenge', 'unknown', 'challenge_missing')
  return equalBytes(code.proof.challenge, expect.challenge) ? check('challenge', 'pass') : check('challenge', 'fail', 'challenge_mismatch')
}

const unusedCheck = ({ code, device }: Case): OfflineCheck =>
  device.seen.has(code.showing) ? check('code_unused', 'fail', 'code_used') : check('code_unused', 'pass')

function clockCheck({ pack, now, device }: Case): OfflineCheck {
  const isRight = device.serverTime !== null && Math.abs(now - (device.serverTime + device.elapsed)) <= pack.limits.clockTolerance
  return isRight ? check('clock', 'pass') : check('clock', 'unknown', 'clock_wrong')
}

function packCheck({ pack, now }: Case): OfflineCheck {
  const isCurrent = pack.issuedAt - pack.limits.clockTolerance <= now && now <= pack.expiresAt
  return isCurrent ? check('pack_fresh', 'pass') : check('pack_fresh', 'unknown', 'pack_stale', moment(pack.expiresAt))
}

const standingChecks = (given: Case): OfflineCheck[] => [byClock(given, validityCheck(given)), statusCheck(given), ...listChecks(given)]

function validityCheck({ code, now }: Case): OfflineCheck {
  const { valid_from: from, valid_to: to } = code.credential.face
  const today = Math.floor((now + SHANGHAI) / DAY)
  const [first, last] = [dayNumber(from), dayNumber(to)]
  if ((from !== undefined && first === null) || (to !== undefined && last === null)) return check('in_validity', 'unknown', 'face_unreadable')
  if (first !== null && today < first) return check('in_validity', 'fail', 'not_yet_effective', from)
  if (last === null) return check('in_validity', 'pass')
  if (today > last) return check('in_validity', 'fail', 'expired', to)
  return check('in_validity', 'pass', last - today <= EXPIRES_SOON_DAYS ? 'expiring_soon' : '', to)
}

/** Days since 1970 of YYYY-MM-DD; null for a day that is none. */
function dayNumber(text: string | undefined): number | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text ?? '')
  if (parts === null || text === undefined || text.startsWith('0000')) return null
  const time = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text ? null : time / (1000 * DAY)
}

function statusCheck(given: Case): OfflineCheck {
  const { status, grant } = given.code.credential
  const listed = status === null ? undefined : given.pack.statuses.get(status.uri)
  if (status === null || listed === undefined) return check('status', 'unknown', 'status_unknown')
  const values = [status.index, ...(grant === null ? [] : [grant.index])].map((index) => valueAt(listed, index))
  const asOf = moment(listed.issuedAt)
  const found = values.map((value) => (value === null ? undefined : STATUS_REASONS[value]))
  // Of the grant, the second, it only matters that it is no more.
  const bad = found[0] ?? (found[1] === undefined ? undefined : 'delegation_ended')
  // What was bad when the list was made stays bad however old the list is.
  if (bad !== undefined) return check('status', 'fail', bad, asOf)
  if (values.some((value) => value !== 0)) return check('status', 'unknown', 'status_unknown', asOf)
  return isStale(given, listed) ? check('status', 'unknown', 'status_stale', asOf) : check('status', 'pass', '', asOf)
}

function valueAt({ bits, packed }: StatusSnapshot, index: number): number | null {
  const inAByte = 8 / bits
  const byte = packed[Math.floor(index / inAByte)]
  return byte === undefined ? null : (byte >> (bits * (index % inAByte))) & ((1 << bits) - 1)
}

/** By the later of this phone's clock and the time a server is known to have: a clock set back makes nothing younger. */
function isStale({ code, pack, now, device }: Case, listed: StatusSnapshot): boolean {
  const longest = code.credential.kind === OFFICER ? pack.limits.officerStatusMaxAge : pack.limits.licenceStatusMaxAge
  const latest = Math.max(now, device.serverTime === null ? 0 : device.serverTime + device.elapsed)
  return latest > Math.min(listed.expiresAt, listed.issuedAt + longest) || latest + pack.limits.clockTolerance < listed.issuedAt
}

function listChecks({ code, pack }: Case): OfflineCheck[] {
  if (code.credential.kind === OFFICER) return [check('on_list', 'not_applicable'), check('physical_required', 'not_applicable')]
  const physical = pack.usable.get(code.credential.face.type_code ?? '')
  if (physical === undefined) return [check('on_list', 'unknown', 'not_on_list'), check('physical_required', 'not_applicable')]
  const reason = { accepted: '', required: 'physical_required', unconfirmed: 'physical_unconfirmed' }[physical]
  return [check('on_list', 'pass'), check('physical_required', reason === '' ? 'pass' : 'unknown', reason)]
}

/** ISO 8601 in whole seconds of UTC. */
function moment(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}
