/** The same vectors as `tests/formats/test_primitives.py` on the server's side. */
import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { toHex } from '../src/bytes'
import { CborError, decodeCbor, encodeCbor } from '../src/cbor'
import { BadZlib, deflateZlib, inflateZlib } from '../src/inflate'
import { type Algorithm, isSigned } from '../src/signatures'
import { sm3 } from '../src/sm3'

interface Vectors {
  sm3: { message: string; sm3: string }[]
  signatures: { name: string; algorithm: Algorithm; point: string; message: string; signature: string; good: boolean }[]
  cbor: { hex: string; good: boolean }[]
  zlib: { name: string; data: string; largest: number; good: boolean }[]
}

const vectors = JSON.parse(readFileSync(new URL('../../../tests/vectors/primitives.json', import.meta.url), 'utf8')) as Vectors
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

describe('SM3', () => {
  it('gives the digests of the table', () => {
    expect(vectors.sm3.map(({ message }) => toHex(sm3(bytes(message))))).toEqual(vectors.sm3.map((row) => row.sm3))
  })
})

describe('signatures', () => {
  it.each(vectors.signatures)('$name', ({ algorithm, point, message, signature, good }) => {
    expect(isSigned({ algorithm, point: bytes(point) }, bytes(signature), bytes(message))).toBe(good)
  })

  it.each(['00'.repeat(65), '04' + 'ff'.repeat(64), '04' + '01'.repeat(64), '', '02' + '01'.repeat(32)])('no key at %s', (point) => {
    for (const algorithm of ['SM2', 'ES256'] as const) {
      expect(isSigned({ algorithm, point: bytes(point) }, new Uint8Array(64).fill(1), new Uint8Array())).toBe(false)
    }
  })
})

describe('CBOR', () => {
  it('reads what Python reads and refuses what Python refuses', () => {
    const wrong = vectors.cbor.filter(({ hex, good }) => reads(bytes(hex)) !== good)
    expect(wrong).toEqual([])
    expect(vectors.cbor.filter((row) => !row.good).length).toBeGreaterThan(200)
  })

  it('writes what it read, byte for byte', () => {
    for (const { hex } of vectors.cbor.filter((row) => row.good)) expect(toHex(encodeCbor(decodeCbor(bytes(hex))))).toBe(hex)
  })

  it.each([1.5, Number.NaN, 2 ** 53, '\ud800'])('has no place for %s', (value) => {
    expect(() => encodeCbor(value)).toThrow(CborError)
  })
})

function reads(data: Uint8Array): boolean {
  try {
    decodeCbor(data)
    return true
  } catch (error) {
    if (error instanceof CborError) return false
    throw error
  }
}

describe('zlib', () => {
  it.each(vectors.zlib)('$name', ({ data, largest, good }) => {
    if (good) expect(inflateZlib(bytes(data), largest).length).toBe(largest)
    else expect(() => inflateZlib(bytes(data), largest)).toThrow(BadZlib)
  })

  it('reads what it wrote', () => {
    const plain = new TextEncoder().encode('亮证执法'.repeat(100))
    expect(inflateZlib(deflateZlib(plain), 1200)).toEqual(plain)
  })
})
