/** 王建国's phone between two signals: nothing is lost, nothing is done twice, nothing can be read or changed in its store. */
import 'fake-indexeddb/auto'

import { fromHex, toHex } from '@liangzheng/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { heardServerTime } from '../src/offline/clock'
import { append, DEVICE_FACT, NotEnrolled, QueueDamaged, queueState, type UploadAnswer, upload } from '../src/offline/queue'
import { deviceKey, keepFact, openVault, readFact, wipeVault } from '../src/offline/vault'

const DEVICE = '019aa5e0-7c00-7a5b-8c3d-0123456789ab'
const ACT = '019aa5e0-7c00-7a5b-8c3d-ba9876543210'
const SECRET = '张三丰 370602199001011234'

/** A server that keeps what it was sent and answers like ours; `hear` says how it fares. */
class Server {
  readonly kept = new Map<number, string>()
  calls = 0
  wipe = false
  hear: (call: number) => 'answer' | 'silence' | 'lost answer' = () => 'answer'

  send = (_device: string, events: readonly Uint8Array[]): Promise<UploadAnswer> => {
    this.calls += 1
    const fate = this.hear(this.calls)
    if (fate === 'silence') return Promise.reject(new Error('no signal'))
    const results = events.map((event) => {
      const counter = this.counterOf(event)
      const isNew = !this.kept.has(counter)
      if (isNew) this.kept.set(counter, toHex(event))
      expect(this.kept.get(counter)).toBe(toHex(event))
      return { counter, state: this.wipe ? ('quarantined' as const) : ('applied' as const), reason: '', scan_id: null, finding: null }
    })
    if (fate === 'lost answer') return Promise.reject(new Error('cut off'))
    return Promise.resolve({ applied_to: results.at(-1)?.counter ?? 0, gap: null, results, wipe: this.wipe })
  }

  private counterOf(event: Uint8Array): number {
    // The second member of the payload: 02, then the counter; below 24 it is one byte, below 256 two.
    const text = toHex(event)
    const at = text.indexOf(DEVICE.replaceAll('-', '')) + 34
    return text.slice(at, at + 2) === '18' ? Number.parseInt(text.slice(at + 2, at + 4), 16) : Number.parseInt(text.slice(at, at + 2), 16)
  }
}

let held: Promise<unknown> = Promise.resolve()
const locks = {
  request: (_name: string, run: () => Promise<unknown>): Promise<unknown> => {
    const turn = held.then(run, run)
    held = turn.catch(() => undefined)
    return turn
  },
}

beforeEach(async () => {
  vi.stubGlobal('navigator', { locks })
  await wipeVault()
  await keepFact(DEVICE_FACT, DEVICE)
  heardServerTime(Date.now())
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const scan = (text = SECRET): Promise<number> => append('scan', ACT, { text, method: 'camera', pack: 7 })

describe('the queue', () => {
  it('counts without a gap, also when two tabs write at once', async () => {
    expect(await Promise.all(Array.from({ length: 12 }, () => scan()))).toEqual(Array.from({ length: 12 }, (_, index) => index + 1))
    expect((await queueState()).waiting).toBe(12)
  })

  it('sends everything once, in order, and keeps what the server said', async () => {
    for (let index = 0; index < 120; index += 1) await scan(`${SECRET} ${index}`)
    const server = new Server()
    await upload(server.send)
    expect([...server.kept.keys()]).toEqual(Array.from({ length: 120 }, (_, index) => index + 1))
    expect(server.calls).toBe(3)
    expect((await queueState()).waiting).toBe(0)
  })

  it('loses nothing when the answer is lost, and the server sees the same bytes again', async () => {
    for (let index = 0; index < 60; index += 1) await scan()
    const server = new Server()
    server.hear = (call) => (call === 1 ? 'lost answer' : call === 3 ? 'silence' : 'answer')
    await expect(upload(server.send)).rejects.toThrow('cut off')
    expect((await queueState()).waiting).toBe(60)
    await expect(upload(server.send)).rejects.toThrow('no signal')
    expect((await queueState()).waiting).toBe(10)
    await upload(server.send)
    expect(server.kept.size).toBe(60)
    expect((await queueState()).waiting).toBe(0)
  })

  it('is nowhere readable in the store', async () => {
    await scan()
    const vault = await openVault()
    const rows = JSON.stringify(await vault.getAll('events'), (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value))
    expect(rows).not.toContain('张三丰')
    expect(rows).not.toContain('370602')
    await expect(crypto.subtle.exportKey('pkcs8', (await deviceKey()).privateKey)).rejects.toThrow()
  })

  it.each(['data', 'iv', 'digest', 'counter'] as const)('does not send an event whose %s was changed', async (what) => {
    await scan()
    await scan('另一次')
    const vault = await openVault()
    const [row, other] = await vault.getAll('events')
    if (row === undefined || other === undefined) throw new Error('two rows were written')
    if (what === 'data') row.sealed.data.set([(row.sealed.data[0] ?? 0) ^ 1])
    if (what === 'iv') row.sealed.iv.set([(row.sealed.iv[0] ?? 0) ^ 1])
    if (what === 'digest') Object.assign(row, { digest: toHex(fromHex(row.digest).map((byte) => byte ^ 1)) })
    if (what === 'counter') Object.assign(row, { sealed: other.sealed, digest: other.digest })
    await vault.put('events', row)
    const server = new Server()
    await expect(upload(server.send)).rejects.toThrow(QueueDamaged)
    expect(server.kept.size).toBe(0)
  })

  it('goes back when a server restored from yesterday asks for what it had acknowledged', async () => {
    for (let index = 0; index < 5; index += 1) await scan()
    const server = new Server()
    await upload(server.send)
    server.kept.delete(4)
    server.kept.delete(5)
    await scan()
    let asked = false
    await upload((device, events) => {
      if (asked) return server.send(device, events)
      asked = true
      return Promise.resolve({ applied_to: 3, gap: { expected: 4, got: 6 }, results: [], wipe: false })
    })
    expect([...server.kept.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('forgets a day after the server has it, but never the link of the chain', async () => {
    for (let index = 0; index < 3; index += 1) await scan()
    await upload(new Server().send, Date.now())
    await upload(new Server().send, Date.now() + 25 * 3_600_000)
    expect((await (await openVault()).getAll('events')).map((row) => row.counter)).toEqual([3])
    expect(await scan()).toBe(4)
  })

  it('uploads everything, then wipes itself, when the device was revoked', async () => {
    for (let index = 0; index < 70; index += 1) await scan()
    const server = new Server()
    server.wipe = true
    expect(await upload(server.send)).toBe(true)
    expect(server.kept.size).toBe(70)
    expect(await readFact(DEVICE_FACT)).toBeNull()
    expect(await (await openVault()).count('events')).toBe(0)
  })

  it('writes nothing on a phone nobody enrolled', async () => {
    await wipeVault()
    await expect(scan()).rejects.toThrow(NotEnrolled)
  })
})
