/** The same vectors as `tests/verification/test_pack_vectors.py`: what the server writes the phone reads, and what it must refuse. */
import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { fromHex, toHex } from '../src/bytes'
import { applyDelta, assemblePack, MalformedPack, readManifest, unpackPart } from '../src/pack'

interface Vectors {
  key: string
  pack: { number: number; usable: Record<string, string>; code_keys: Record<string, { point: string }>; statuses: Record<string, { packed: string; bits: number }> }
  parts: Record<string, string>
  manifests: { name: string; manifest: string; newer_than: number; good: boolean }[]
  deltas: { name: string; old: string; delta: string; sha256: string; good: boolean }[]
}

const vectors = JSON.parse(readFileSync(new URL('../../../tests/vectors/pack.json', import.meta.url), 'utf8')) as Vectors
const key = { algorithm: 'SM2' as const, point: fromHex(vectors.key) }

describe('a manifest', () => {
  it.each(vectors.manifests)('$name (seen: $newer_than)', ({ manifest, newer_than, good }) => {
    const read = (): unknown => readManifest(fromHex(manifest), key, newer_than)
    if (good) expect(read).not.toThrow()
    else expect(read).toThrow(MalformedPack)
  })
})

describe('a pack', () => {
  const parts = new Map(Object.entries(vectors.parts).map(([digest, packed]) => [digest, unpackPart(fromHex(packed), fromHex(digest))]))
  const manifest = readManifest(fromHex(vectors.manifests[0]?.manifest ?? ''), key)

  it('is put together from its parts', () => {
    const pack = assemblePack(manifest, (digest) => parts.get(digest))
    expect(pack.number).toBe(vectors.pack.number)
    expect(Object.fromEntries(pack.usable)).toEqual(vectors.pack.usable)
    expect([...pack.codeKeys.keys()]).toEqual(Object.keys(vectors.pack.code_keys))
    expect([...pack.codeKeys.values()].map(({ key: one }) => toHex(one.point))).toEqual(Object.values(vectors.pack.code_keys).map((one) => one.point))
    expect([...pack.statuses].map(([uri, one]) => [uri, toHex(one.packed), one.bits])).toEqual(
      Object.entries(vectors.pack.statuses).map(([uri, one]) => [uri, one.packed, one.bits]),
    )
  })

  it('is none with a part missing, or another in its place', () => {
    expect(() => assemblePack(manifest, () => undefined)).toThrow(MalformedPack)
    const [packed = ''] = Object.values(vectors.parts)
    expect(() => unpackPart(fromHex(packed), new Uint8Array(32))).toThrow(MalformedPack)
  })
})

describe('a delta', () => {
  it.each(vectors.deltas)('$name', ({ old, delta, sha256, good }) => {
    const make = (): Uint8Array => applyDelta(fromHex(old), fromHex(delta), fromHex(sha256))
    if (good) expect(make).not.toThrow()
    else expect(make).toThrow(MalformedPack)
  })
})
