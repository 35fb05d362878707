/**
 * The bytes of a field pack, as `liangzheng/verification/pack_wire.py` writes them; both are held to `tests/vectors/pack.json`. A manifest
 * counts only when the pinned key signed it and its number is not below the newest one seen; a part only when its SHA-256 is the one named.
 */
import { sha256 } from '@noble/hashes/sha2.js'

import { equalBytes, toHex } from './bytes'
import { CborError, type CborKey, type CborMap, type CborValue, decodeCbor, isArray, isMap } from './cbor'
import { isSignedBy, MalformedSign1, readSign1 } from './cose'
import { BadZlib, inflateZlib } from './inflate'
import type { CodeKey, FieldPack, StatusSnapshot } from './offline'
import { type Algorithm, decompressPoint, type PublicKey } from './signatures'

const EXTERNAL_DATA = new TextEncoder().encode('liangzheng pack v1')
export const LARGEST_PART = 16 * 1024 * 1024
const ALGORITHMS: ReadonlyMap<unknown, Algorithm> = new Map([
  [-7, 'ES256'],
  [-65537, 'SM2'],
])

export interface PackPart {
  readonly name: string
  readonly digest: Uint8Array
  readonly size: number
  readonly kind: string
}

export interface Manifest {
  readonly number: number
  readonly issuedAt: number
  readonly expiresAt: number
  readonly beacon: number
  readonly parts: readonly PackPart[]
  readonly limits: FieldPack['limits']
}

/** These bytes are not such a manifest or part, or not signed by the pinned key, or older than what is here. */
export class MalformedPack extends Error {
  override readonly name = 'MalformedPack'
}

export function readManifest(data: Uint8Array, key: PublicKey, newerThan = 0): Manifest {
  const message = strictly(() => readSign1(data))
  const labels = [...message.protectedHeader.keys()]
  if (labels.length !== 1 || labels[0] !== 1 || !isSignedBy(message, key, EXTERNAL_DATA)) throw new MalformedPack('not signed by the pinned key')
  const members = exactly(
    strictly(() => decodeCbor(message.payload)),
    [1, 2, 3, 4, 5, 6],
  )
  const manifest = {
    number: number(members.get(1)),
    issuedAt: number(members.get(2)),
    expiresAt: number(members.get(3)),
    beacon: number(members.get(4)),
    parts: list(members.get(5)).map(part),
    limits: limits(members.get(6)),
  }
  if (manifest.number < newerThan) throw new MalformedPack('an older pack')
  return manifest
}

function part(value: CborValue): PackPart {
  const [name, digest, size, kind, ...rest] = list(value)
  if (typeof name !== 'string' || typeof kind !== 'string' || !(digest instanceof Uint8Array) || digest.length !== 32 || rest.length > 0) throw new MalformedPack('a part of another form')
  return { name, digest, size: number(size), kind }
}

function limits(value: CborValue | undefined): FieldPack['limits'] {
  const members = exactly(value, [1, 2, 3])
  return { officerStatusMaxAge: number(members.get(1)), licenceStatusMaxAge: number(members.get(2)), clockTolerance: number(members.get(3)) }
}

/** Puts a pack together from the parts a manifest names; `partOf` gives a part's plain bytes by the hex of its digest. */
export function assemblePack(manifest: Manifest, partOf: (digest: string) => Uint8Array | undefined): FieldPack {
  const codeKeys = new Map<string, CodeKey>()
  const statuses = new Map<string, StatusSnapshot>()
  const usable = new Map<string, 'required' | 'accepted' | 'unconfirmed'>()
  for (const named of manifest.parts) {
    const data = partOf(toHex(named.digest))
    if (data === undefined) throw new MalformedPack('a part is missing')
    if (named.kind === 'keys') for (const [id, key] of readKeys(data)) codeKeys.set(id, key)
    else if (named.kind === 'status') statuses.set(named.name.slice('status:'.length), readStatus(data))
    else if (named.kind === 'catalogue') for (const [type, physical] of readUsable(data)) usable.set(type, physical)
  }
  const { number: count, issuedAt, expiresAt, beacon } = manifest
  return { number: count, issuedAt, expiresAt, beacon, codeKeys, statuses, usable, limits: manifest.limits }
}

export function readKeys(data: Uint8Array): ReadonlyMap<string, CodeKey> {
  return new Map(list(strictly(() => decodeCbor(data))).map(codeKey))
}

function codeKey(value: CborValue): readonly [string, CodeKey] {
  const members = list(value)
  const [id, named, point, since, until] = members
  if (members.length !== 5 || !(id instanceof Uint8Array)) throw new MalformedPack('a key of another form')
  const key = publicKey(ALGORITHMS.get(named), point)
  return [toHex(id), { key, trustedFrom: number(since), distrustedSince: until === null ? null : number(until) }]
}

function publicKey(algorithm: Algorithm | undefined, point: CborValue | undefined): PublicKey {
  if (algorithm === undefined || !(point instanceof Uint8Array) || point.length !== 65) throw new MalformedPack('a key of another form')
  const whole = decompressPoint(algorithm, point.subarray(1, 33), ((point[64] ?? 0) & 1) === 1)
  if (whole === null || !equalBytes(whole, point)) throw new MalformedPack('a key that is none')
  return { algorithm, point }
}

export function readStatus(data: Uint8Array): StatusSnapshot {
  const members = exactly(
    strictly(() => decodeCbor(data)),
    [1, 2, 3, 4],
  )
  const packed = members.get(4)
  const bits = number(members.get(3))
  if (!(packed instanceof Uint8Array) || ![1, 2, 4, 8].includes(bits)) throw new MalformedPack('a status list of another form')
  return { issuedAt: number(members.get(1)), expiresAt: number(members.get(2)), bits, packed }
}

export function readUsable(data: Uint8Array): ReadonlyMap<string, 'required' | 'accepted' | 'unconfirmed'> {
  const value = strictly(() => decodeCbor(data))
  if (!isMap(value)) throw new MalformedPack('no map of types')
  return new Map([...value].map(([type, physical]) => [textKey(type), physicalOf(physical)]))
}

function textKey(key: CborKey): string {
  if (typeof key !== 'string') throw new MalformedPack('a type that is no text')
  return key
}

function physicalOf(value: CborValue): 'required' | 'accepted' | 'unconfirmed' {
  if (value !== 'required' && value !== 'accepted' && value !== 'unconfirmed') throw new MalformedPack('a word that is none')
  return value
}

/** Inflates a part that came whole; it must be the one that was named. */
export function unpackPart(data: Uint8Array, digest: Uint8Array): Uint8Array {
  return checked(
    strictly(() => inflateZlib(data, LARGEST_PART)),
    digest,
  )
}

/** Makes the newer part from an older one; it must be the one that was named. Bytes beyond the older one's end count as zero. */
export function applyDelta(old: Uint8Array, delta: Uint8Array, digest: Uint8Array): Uint8Array {
  const plain = strictly(() => inflateZlib(delta, LARGEST_PART))
  const reader = new Leb128(plain)
  const size = reader.next()
  if (size > LARGEST_PART) throw new MalformedPack('too large')
  const made = new Uint8Array(Math.max(size, old.length))
  made.set(old)
  let at = -1
  while (reader.place < plain.length) {
    at += reader.next() + 1
    const change = plain[reader.place]
    const byte = made[at]
    if (byte === undefined || change === undefined) throw new MalformedPack('beyond the end')
    made[at] = byte ^ change
    reader.place += 1
  }
  return checked(made.slice(0, size), digest)
}

class Leb128 {
  place = 0

  constructor(private readonly data: Uint8Array) {}

  next(): number {
    let value = 0
    for (let power = 1; power <= 2 ** 28; power *= 128) {
      const byte = this.data[this.place]
      if (byte === undefined) break
      this.place += 1
      value += (byte & 0x7f) * power
      if (byte < 0x80) return value
    }
    throw new MalformedPack('a number of another form')
  }
}

function checked(data: Uint8Array, digest: Uint8Array): Uint8Array {
  if (!equalBytes(sha256(data), digest)) throw new MalformedPack('not the part that was named')
  return data
}

function strictly<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof CborError || error instanceof BadZlib || error instanceof MalformedSign1) throw new MalformedPack(error.message)
    throw error
  }
}

function list(value: CborValue | undefined): readonly CborValue[] {
  if (!isArray(value)) throw new MalformedPack('no list where one belongs')
  return value
}

function exactly(value: CborValue | undefined, labels: readonly number[]): CborMap {
  if (!isMap(value) || value.size !== labels.length || !labels.every((label) => value.has(label))) throw new MalformedPack('a map of another form')
  return value
}

function number(value: CborValue | undefined): number {
  if (typeof value !== 'number' || value < 0) throw new MalformedPack('no number, or one out of range')
  return value
}
