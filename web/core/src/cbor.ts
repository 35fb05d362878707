/**
 * CBOR (RFC 8949), strict: one value, one encoding (4.2.1). The same rules as `liangzheng/formats/cbor.py`; both are held to
 * `tests/vectors/cbor.json`. Only what codes and packs are made of is read: integers, bytes, text, arrays, maps, true, false, null.
 * Floats are refused here, where no format of ours has one.
 */
import { compareBytes, joinBytes } from './bytes'

export type CborKey = number | bigint | string
export type CborValue = number | bigint | boolean | string | null | Uint8Array | readonly CborValue[] | CborMap | Tagged
/** Keys are integers or text; a bytes key is refused, no format of ours has one. */
export type CborMap = ReadonlyMap<CborKey, CborValue>

export class Tagged {
  constructor(
    readonly number: number,
    readonly value: CborValue,
  ) {}
}

/** These bytes are not such CBOR, or this value has no place in it. */
export class CborError extends Error {
  override readonly name = 'CborError'
}

const MAX_DEPTH = 16
const MAX_VALUES = 100_000
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const SIMPLE: Readonly<Record<number, boolean | null>> = { 20: false, 21: true, 22: null }

export interface DecodeOptions {
  readonly tags?: readonly number[]
  /** False for messages of others: CWT and COSE do not ask for an order of keys. */
  readonly sortedKeys?: boolean
}

/** Reads exactly one value that fills the whole input; CborError. Work is bounded by the number of values. */
export function decodeCbor(data: Uint8Array, options: DecodeOptions = {}): CborValue {
  const reader = new Reader(data, options.tags ?? [], options.sortedKeys ?? true)
  const value = reader.value(0)
  if (reader.position !== data.length) throw new CborError('trailing bytes')
  return value
}

export function isMap(value: CborValue | undefined): value is CborMap {
  return value instanceof Map
}

export function isArray(value: CborValue | undefined): value is readonly CborValue[] {
  return Array.isArray(value)
}

class Reader {
  position = 0
  private count = 0

  constructor(
    private readonly data: Uint8Array,
    private readonly tags: readonly number[],
    private readonly sortedKeys: boolean,
  ) {}

  value(depth: number): CborValue {
    if (depth > MAX_DEPTH) throw new CborError('nested too deeply')
    this.count += 1
    if (this.count > MAX_VALUES) throw new CborError('too many values')
    const first = this.take(1)[0] ?? 0
    const major = first >> 5
    const argument = this.argument(first & 0x1f, major)
    if (major === 0) return argument
    if (major === 1) return narrowed(-1n - BigInt(argument))
    if (major === 7) return simple(first & 0x1f)
    return this.sized(major, Number(argument), depth + 1)
  }

  private sized(major: number, size: number, depth: number): CborValue {
    if (major === 2) return this.take(size).slice()
    if (major === 3) return this.text(size)
    if (major === 4) return this.array(size, depth)
    if (major === 5) return this.map(size, depth)
    if (!this.tags.includes(size)) throw new CborError(`tag ${size} is not expected here`)
    return new Tagged(size, this.value(depth))
  }

  private argument(info: number, major: number): number | bigint {
    if (info < 24) return info
    if (info > 27) throw new CborError('an indefinite or reserved length')
    if (major === 7) throw new CborError('a float or simple value without a meaning here')
    const size = 1 << (info - 24)
    let whole = 0n
    for (const byte of this.take(size)) whole = (whole << 8n) | BigInt(byte)
    if (whole < (size === 1 ? 24n : 1n << BigInt(4 * size))) throw new CborError('a number longer than needed')
    return narrowed(whole)
  }

  private take(size: number): Uint8Array {
    const end = this.position + size
    if (end > this.data.length) throw new CborError('cut off')
    const taken = this.data.subarray(this.position, end)
    this.position = end
    return taken
  }

  private text(size: number): string {
    const bytes = this.take(size)
    try {
      return UTF8.decode(bytes)
    } catch {
      throw new CborError('text that is not UTF-8')
    }
  }

  private array(size: number, depth: number): readonly CborValue[] {
    this.mustFit(size)
    return Array.from({ length: size }, () => this.value(depth))
  }

  private map(size: number, depth: number): CborMap {
    this.mustFit(2 * size)
    const found = new Map<CborKey, CborValue>()
    let before: Uint8Array = new Uint8Array()
    for (let index = 0; index < size; index += 1) {
      const start = this.position
      const key = this.value(depth)
      if (typeof key !== 'number' && typeof key !== 'bigint' && typeof key !== 'string') throw new CborError('a key that is no integer or text')
      const encoded = this.data.subarray(start, this.position)
      if (found.has(key)) throw new CborError('a key twice')
      if (this.sortedKeys && compareBytes(encoded, before) < 0) throw new CborError('keys out of order')
      before = encoded
      found.set(key, this.value(depth))
    }
    return found
  }

  /** Refuses early what cannot be there: every value takes a byte. */
  private mustFit(count: number): void {
    if (count > this.data.length - this.position) throw new CborError('cut off')
  }
}

/** A number where it is exact, else a bigint: one value, one type. */
function narrowed(whole: bigint): number | bigint {
  const number = Number(whole)
  return Number.isSafeInteger(number) ? number : whole
}

function simple(info: number): boolean | null {
  const value = SIMPLE[info]
  if (value === undefined) throw new CborError('a simple value without a meaning here')
  return value
}

/** Writes a value in its deterministic encoding; CborError for fractions and other keys. */
export function encodeCbor(value: CborValue): Uint8Array {
  return write(value, 0)
}

function write(value: CborValue, depth: number): Uint8Array {
  if (depth > MAX_DEPTH) throw new CborError('nested too deeply')
  if (value === null) return Uint8Array.of(0xf6)
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4)
  if (typeof value === 'number' || typeof value === 'bigint') return writeInteger(value)
  if (typeof value === 'string') return writeText(value)
  if (value instanceof Uint8Array) return joinBytes([head(2, value.length), value])
  return writeContainer(value, depth + 1)
}

function writeInteger(value: number | bigint): Uint8Array {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new CborError('a number that is no whole number')
  return value >= 0 ? head(0, value) : head(1, -1n - BigInt(value))
}

function writeText(value: string): Uint8Array {
  const encoded = new TextEncoder().encode(value)
  if (UTF8.decode(encoded) !== value) throw new CborError('text that is not Unicode')
  return joinBytes([head(3, encoded.length), encoded])
}

function writeContainer(value: readonly CborValue[] | CborMap | Tagged, depth: number): Uint8Array {
  if (value instanceof Tagged) return joinBytes([head(6, value.number), write(value.value, depth)])
  if (isArray(value)) return joinBytes([head(4, value.length), ...value.map((item) => write(item, depth))])
  const pairs = [...value].map(([key, item]) => [write(key, depth), write(item, depth)] as const)
  pairs.sort(([left], [right]) => compareBytes(left, right))
  return joinBytes([head(5, pairs.length), ...pairs.flat()])
}

function head(major: number, argument: number | bigint): Uint8Array {
  const whole = BigInt(argument)
  if (whole >= 1n << 64n) throw new CborError('an integer beyond 64 bits')
  if (whole < 24n) return Uint8Array.of((major << 5) | Number(whole))
  const info = [24, 25, 26, 27].find((candidate) => whole < 1n << BigInt(8 << (candidate - 24))) ?? 27
  const size = 1 << (info - 24)
  const bytes = new Uint8Array(1 + size)
  bytes[0] = (major << 5) | info
  for (let index = 0; index < size; index += 1) bytes[size - index] = Number((whole >> BigInt(8 * index)) & 0xffn)
  return bytes
}
