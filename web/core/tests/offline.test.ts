/** The same cases as `tests/verification/test_offline.py`: two judges, one verdict, byte for byte. */
import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { canonicalVerdict, type CredentialKind, type FieldPack, judgeOffline, readCredential, readOfflineCode, showOffline } from '../src'
import { fromHex } from '../src/bytes'
import { decodeCbor, isArray } from '../src/cbor'
import { decodeBase45 } from '../src/base45'
import { inflateZlib } from '../src/inflate'
import type { Algorithm } from '../src/signatures'

interface PackRow {
  number: number
  issued_at: number
  expires_at: number
  beacon: number
  code_keys: Record<string, { algorithm: Algorithm; point: string; trusted_from: number; distrusted_since: number | null }>
  statuses: Record<string, { issued_at: number; expires_at: number; bits: number; packed: string }>
  usable: Record<string, 'required' | 'accepted' | 'unconfirmed'>
  limits: { officer_status_max_age: number; licence_status_max_age: number; clock_tolerance: number }
}
interface CaseRow {
  name: string
  text: string
  pack: number
  now: number
  device: { server_time: number | null; elapsed: number; seen: string[] }
  expect: { kinds: CredentialKind[]; audience: string; challenge: string }
  verdict: string
  face: Record<string, string> | null
  showing: string | null
}

const vectors = JSON.parse(readFileSync(new URL('../../../tests/vectors/offline.json', import.meta.url), 'utf8')) as { packs: PackRow[]; cases: CaseRow[] }
const packs = vectors.packs.map(packOf)

function packOf(row: PackRow): FieldPack {
  return {
    number: row.number,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    beacon: row.beacon,
    codeKeys: new Map(
      Object.entries(row.code_keys).map(([id, key]) => [
        id,
        { key: { algorithm: key.algorithm, point: fromHex(key.point) }, trustedFrom: key.trusted_from, distrustedSince: key.distrusted_since },
      ]),
    ),
    statuses: new Map(Object.entries(row.statuses).map(([uri, one]) => [uri, { issuedAt: one.issued_at, expiresAt: one.expires_at, bits: one.bits, packed: fromHex(one.packed) }])),
    usable: new Map(Object.entries(row.usable)),
    limits: { officerStatusMaxAge: row.limits.officer_status_max_age, licenceStatusMaxAge: row.limits.licence_status_max_age, clockTolerance: row.limits.clock_tolerance },
  }
}

function judge(row: CaseRow, text = row.text): ReturnType<typeof judgeOffline> {
  const pack = packs[row.pack]
  if (pack === undefined) throw new Error('the table names a pack it does not have')
  const device = { serverTime: row.device.server_time, elapsed: row.device.elapsed, seen: new Set(row.device.seen) }
  return judgeOffline(text, pack, row.now, device, { ...row.expect, challenge: fromHex(row.expect.challenge) })
}

describe('an off-line code', () => {
  it.each(vectors.cases)('$name', (row) => {
    const report = judge(row)
    expect(canonicalVerdict(report.verdict)).toBe(row.verdict)
    expect(report.code?.credential.face ?? null).toEqual(row.face)
    expect(report.code?.showing ?? null).toBe(row.showing)
  })

  it('is never green, and none of 300 cases is left out', () => {
    expect(vectors.cases.length).toBeGreaterThanOrEqual(300)
    expect(vectors.cases.some((row) => row.verdict.includes('"standing":"valid"'))).toBe(false)
  })

  it('opens for no changed character', () => {
    const row = vectors.cases.find((one) => one.name === 'licence ES256/ES256: good')
    if (row === undefined) throw new Error('the table has no good case')
    for (let at = 0; at < row.text.length; at += 7) {
      const changed = row.text.slice(0, at) + (row.text[at] === 'A' ? 'B' : 'A') + row.text.slice(at + 1)
      expect(judge(row, changed).code, `character ${at}`).toBeNull()
    }
  })

  it('is made by the phone as it is read', async () => {
    const row = vectors.cases.find((one) => one.name === 'licence SM2/ES256: good over the challenge')
    if (row === undefined) throw new Error('the table has no such case')
    const members = decodeCbor(inflateZlib(decodeBase45(row.text.slice(4)), 4096))
    const credential = isArray(members) ? members[1] : undefined
    if (!(credential instanceof Uint8Array)) throw new Error('no credential')
    expect(readCredential(credential)[0].face).toEqual(row.face)
    const { proof } = readOfflineCode(row.text)
    const shown = await showOffline(credential, proof, () => Promise.resolve(new Uint8Array(64).fill(7)))
    const read = readOfflineCode(shown)
    expect(read.proof).toEqual(proof)
    expect(read.isProved()).toBe(false)
    expect(read.showing).toBe(row.showing)
  })
})
