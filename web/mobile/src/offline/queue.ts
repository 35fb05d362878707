/**
 * What happened without signal, until a server has it: signed by this device, chained, counted, sealed. Appending and uploading hold one
 * lock for all tabs. An event is never changed; what the server says of it is written beside it, and it goes a day after that.
 */
import { equalBytes, type EventBody, type EventKind, FIRST_EVENT, fromHex, makeEvent, toHex } from '@liangzheng/core'

import { timeBase } from './clock'
import { openVault, type QueuedEvent, readFact, seal, signWithDevice, unseal, type Vault, wipeVault } from './vault'

const LOCK = 'liangzheng-queue'
export const DEVICE_FACT = 'device'
const KEEP_MS = 24 * 3_600_000
/** Per call; the server takes 200 events or one megabyte. */
const MOST_PER_CALL = 50
const MOST_BYTES = 700_000

export interface EventResult {
  readonly counter: number
  readonly state: 'applied' | 'quarantined' | 'refused' | 'waiting'
  readonly reason: string
  readonly scan_id: string | null
  readonly finding: { readonly kind: string; readonly server_standing: string } | null
}

export interface UploadAnswer {
  readonly applied_to: number
  readonly gap: { readonly expected: number; readonly got: number } | null
  readonly results: readonly EventResult[]
  readonly wipe: boolean
}

export type Send = (device: string, events: readonly Uint8Array[]) => Promise<UploadAnswer>

export interface QueueState {
  readonly waiting: number
  /** When the oldest waiting event happened, in seconds; 0 without one. */
  readonly oldest: number
  /** Settled events whose verdict the server judged otherwise, or that it did not take. */
  readonly differing: readonly QueuedEvent[]
}

/** This phone was not enrolled, or never heard a server: it cannot sign what it saw. */
export class NotEnrolled extends Error {
  override readonly name = 'NotEnrolled'
}

/** A row that does not open, or another event than its digest says: somebody changed this phone's store. */
export class QueueDamaged extends Error {
  override readonly name = 'QueueDamaged'
}

export const bytesOfId = (id: string): Uint8Array => fromHex(id.replaceAll('-', ''))
const nameOf = (device: string, counter: number): string => `event ${device} ${counter}`
const sha256 = async (data: Uint8Array): Promise<Uint8Array> => new Uint8Array(await crypto.subtle.digest('SHA-256', data.slice()))

export async function enrolledDevice(): Promise<string> {
  const device = await readFact(DEVICE_FACT)
  return typeof device === 'string' ? device : ''
}

/** Writes down what happened; gives its counter. The event is durable when this returns. */
export async function append(kind: EventKind, act: string, body: EventBody): Promise<number> {
  return navigator.locks.request(LOCK, async () => {
    const vault = await openVault()
    const [device, time] = [await enrolledDevice(), await timeBase()]
    if (device === '' || time === null) throw new NotEnrolled()
    const last = await vault.transaction('events').store.openCursor(null, 'prev')
    const counter = (last?.value.counter ?? 0) + 1
    const previous = last === null ? FIRST_EVENT : fromHex(last.value.digest)
    const at = Math.floor(Date.now() / 1000)
    const event = await makeEvent({ device: bytesOfId(device), counter, previous, at, ...time, kind, act: bytesOfId(act), body }, signWithDevice)
    const sealed = await seal(vault, nameOf(device, counter), event)
    const row: QueuedEvent = { counter, at, kind, act, sealed, digest: toHex(await sha256(event)), state: 'waiting', reason: '', scan: '', finding: '', settledAt: 0 }
    // `add`, not `put`: a counter is used once, whatever else went wrong.
    await vault.add('events', row)
    return counter
  })
}

/** Sends what waits, oldest first, until nothing waits or the server cannot be reached; gives true when the device was told to wipe itself. */
export async function upload(send: Send, now = Date.now()): Promise<boolean> {
  return navigator.locks.request(LOCK, async () => {
    const device = await enrolledDevice()
    if (device === '') return false
    const vault = await openVault()
    let wipe = false
    for (;;) {
      const batch = await nextBatch(vault, device)
      if (batch.length === 0) break
      const answer = await send(device, batch)
      wipe ||= answer.wipe
      if ((await settle(vault, answer, now)) === 0) break
    }
    await (wipe ? wipeVault() : sweep(vault, now))
    return wipe
  })
}

async function nextBatch(vault: Vault, device: string): Promise<Uint8Array[]> {
  const waiting = await vault.getAllFromIndex('events', 'state', 'waiting', MOST_PER_CALL)
  const batch: Uint8Array[] = []
  let size = 0
  for (const row of waiting.sort((one, other) => one.counter - other.counter)) {
    const event = await unseal(vault, nameOf(device, row.counter), row.sealed)
    if (event === null || !equalBytes(await sha256(event), fromHex(row.digest))) throw new QueueDamaged()
    size += event.length
    if (batch.length > 0 && size > MOST_BYTES) break
    batch.push(event)
  }
  return batch
}

/** Writes the server's answers beside their events; gives how many things moved, so that an answer without effect ends the loop. */
async function settle(vault: Vault, answer: UploadAnswer, now: number): Promise<number> {
  const transaction = vault.transaction('events', 'readwrite')
  let moved = 0
  for (const result of answer.results) {
    const row = await transaction.store.get(result.counter)
    if (row?.state !== 'waiting' || result.state === 'waiting') continue
    moved += 1
    await transaction.store.put({ ...row, state: result.state, reason: result.reason, scan: result.scan_id ?? '', finding: result.finding?.kind ?? '', settledAt: now })
  }
  moved += answer.gap === null ? 0 : await goBack(transaction.store, answer.gap.expected)
  await transaction.done
  return moved
}

interface Rows {
  openCursor(range: IDBKeyRange): Promise<{ value: QueuedEvent; update(row: QueuedEvent): Promise<unknown>; continue(): Promise<unknown> } | null>
}

/** A server restored from yesterday asks for events it had acknowledged: those still kept wait again. */
async function goBack(rows: Rows, expected: number): Promise<number> {
  let moved = 0
  let cursor = await rows.openCursor(IDBKeyRange.lowerBound(expected))
  while (cursor !== null) {
    if (cursor.value.state === 'applied') {
      moved += 1
      await cursor.update({ ...cursor.value, state: 'waiting', settledAt: 0 })
    }
    cursor = (await cursor.continue()) as typeof cursor
  }
  return moved
}

/** The newest event stays whatever its age: the next one is chained to it. */
async function sweep(vault: Vault, now: number): Promise<void> {
  const last = await vault.transaction('events').store.openCursor(null, 'prev')
  const transaction = vault.transaction('events', 'readwrite')
  for (const row of await transaction.store.getAll()) {
    const isDue = row.state !== 'waiting' && now - row.settledAt > KEEP_MS && row.counter !== last?.value.counter
    if (isDue) await transaction.store.delete(row.counter)
  }
  await transaction.done
}

export async function queueState(): Promise<QueueState> {
  const rows = await (await openVault()).getAll('events')
  const waiting = rows.filter((row) => row.state === 'waiting')
  return {
    waiting: waiting.length,
    oldest: waiting[0]?.at ?? 0,
    differing: rows.filter((row) => row.finding !== '' || row.state === 'refused' || row.state === 'quarantined'),
  }
}
