/** The same vectors as `tests/formats/test_event_vectors.py`: what this writes, the server reads. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { toHex } from '../src/bytes'
import { readSign1 } from '../src/cose'
import { type EventKind, FIRST_EVENT, makeEvent } from '../src/deviceEvent'
import { isSigned } from '../src/signatures'

type Told = string | number | { hex: string }
interface Row {
  counter: number
  previous: string
  at: number
  server_time: number
  elapsed: number
  kind: EventKind
  act: string
  body: Record<string, Told>
  event: string
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const vectors = JSON.parse(readFileSync(new URL('../../../tests/vectors/events.json', import.meta.url), 'utf8')) as { device: string; point: string; events: Row[] }
const body = (told: Record<string, Told>): Record<string, string | number | Uint8Array> =>
  Object.fromEntries(Object.entries(told).map(([name, value]) => [name, typeof value === 'object' ? bytes(value.hex) : value]))

it.each(vectors.events)('$kind is written byte for byte', async (row) => {
  const signature = readSign1(bytes(row.event)).signature
  const happened = { ...row, device: bytes(vectors.device), previous: bytes(row.previous), act: bytes(row.act), serverTime: row.server_time, body: body(row.body) }
  const event = await makeEvent(happened, (toSign) => {
    expect(isSigned({ algorithm: 'ES256', point: bytes(vectors.point) }, signature, toSign)).toBe(true)
    return Promise.resolve(signature)
  })
  expect(toHex(event)).toBe(row.event)
})

it('chains each event to the one before', () => {
  let previous = toHex(FIRST_EVENT)
  for (const row of vectors.events) {
    expect(row.previous).toBe(previous)
    previous = createHash('sha256').update(bytes(row.event)).digest('hex')
  }
})
