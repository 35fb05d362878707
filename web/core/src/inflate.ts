/** Bounded zlib (RFC 1950): the stream fills its input exactly, its checksum holds, and it never grows beyond the limit. */
import { deflate, Inflate } from 'pako'

import { joinBytes } from './bytes'

export class BadZlib extends Error {
  override readonly name = 'BadZlib'
}

const CHUNK = 16_384

/** `largest` in bytes; BadZlib for anything cut off, trailing, broken, asking for a dictionary, or larger. */
export function inflateZlib(data: Uint8Array, largest: number): Uint8Array {
  const inflater = new Inflate({ windowBits: 15, chunkSize: Math.min(CHUNK, largest + 1) })
  const parts: Uint8Array[] = []
  let size = 0
  inflater.onData = (part): void => {
    if (!(part instanceof Uint8Array)) throw new BadZlib('no bytes')
    size += part.length
    if (size > largest) throw new BadZlib('larger than allowed')
    parts.push(part.slice())
  }
  inflater.push(data, true)
  // The reader starts over when another stream follows; `total_in` then counts the last one alone.
  const { ended, strm } = inflater as unknown as { ended: boolean; strm: { total_in: number } }
  const failed: number = inflater.err
  if (failed !== 0 || !ended || strm.total_in !== data.length) throw new BadZlib('not one whole zlib stream')
  return joinBytes(parts)
}

/** Compresses with the strongest setting, so that codes stay small. */
export function deflateZlib(data: Uint8Array): Uint8Array {
  return deflate(data, { level: 9 })
}
