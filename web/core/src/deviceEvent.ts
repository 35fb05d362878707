/**
 * What this phone did without signal, as `liangzheng/formats/device_event.py` reads it: one event of the queue, signed by the device key
 * and chained to the one before. The key cannot leave its store, so signing is somebody else's: `toSign` in, 64 bytes r || s back.
 */
import { type CborMap, type CborValue, encodeCbor } from './cbor'
import { signingInput, writeSign1 } from './cose'

export type EventKind = 'scan' | 'presence' | 'late_entry' | 'undo' | 'training_end'
export type EventBody = Readonly<Record<string, string | number | Uint8Array>>

/** Times are whole seconds: since 1970, or `elapsed`, since `serverTime` by a clock that only runs forward. */
export interface Happened {
  /** 16 bytes. */
  readonly device: Uint8Array
  /** 1, 2, 3 … without a gap. */
  readonly counter: number
  /** SHA-256 of the event before; `FIRST_EVENT` where there is none. */
  readonly previous: Uint8Array
  readonly at: number
  readonly serverTime: number
  readonly elapsed: number
  readonly kind: EventKind
  /** 16 bytes, or none. */
  readonly act: Uint8Array
  readonly body: EventBody
}

export const FIRST_EVENT = new Uint8Array(32)
const EXTERNAL_DATA = new TextEncoder().encode('liangzheng event v1')
/** `{1: -7}`: ES256, the only algorithm a browser's own key store knows. */
const HEADERS = encodeCbor(new Map([[1, -7]]))

export async function makeEvent(happened: Happened, sign: (toSign: Uint8Array) => Promise<Uint8Array>): Promise<Uint8Array> {
  const payload = encodeCbor(members(happened))
  return writeSign1(HEADERS, payload, await sign(signingInput(HEADERS, EXTERNAL_DATA, payload)))
}

function members(happened: Happened): CborMap {
  const body = new Map<string, CborValue>(Object.entries(happened.body))
  const { device, counter, previous, at, serverTime, elapsed, kind, act } = happened
  const values: readonly CborValue[] = [device, counter, previous, at, serverTime, elapsed, kind, act, body]
  return new Map(values.map((value, index) => [index + 1, value]))
}
