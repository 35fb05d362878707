/** The same vectors as `tests/auditlog/test_log_vectors.py`: what the server's reader believes, this one believes, and nothing else. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'

import { isConsistent, isIncluded, leafHash } from '../src/merkle'
import { MalformedNote, type NoteKey, readCheckpoint, readKey, readNote, signedBy } from '../src/note'
import { verifyReceipt } from '../src/logReceipt'

interface Proof {
  size: string
  root: string
  proof: string[]
  good: boolean
}
interface Vectors {
  log: string[]
  witnesses: string[]
  keys: { vkey: string; good: boolean }[]
  inclusion: (Proof & { leaf: string; index: string })[]
  consistency: (Proof & { old: string; old_root: string })[]
  notes: { note: string; signers: string[] | null; size?: string; root?: string }[]
  receipts: { name: string; receipt: string; good: boolean; index?: string; size?: string; entry?: string; cosigned?: string[] }[]
}

const vectors = JSON.parse(readFileSync(new URL('../../../tests/vectors/log.json', import.meta.url), 'utf8')) as Vectors
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))
const base64 = (data: Uint8Array): string => Buffer.from(data).toString('base64')
const log = vectors.log.map(readKey)
const witnesses = vectors.witnesses.map(readKey)
const vkeys = [...vectors.log, ...vectors.witnesses]

function unlessMalformed<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof MalformedNote) return null
    throw error
  }
}

describe('keys', () => {
  it.each(vectors.keys)('$vkey', ({ vkey, good }) => {
    expect(unlessMalformed(() => readKey(vkey)) !== null).toBe(good)
  })
})

describe('proofs', () => {
  it('of inclusion', () => {
    const wrong = vectors.inclusion.filter((row) => isIncluded(bytes(row.leaf), BigInt(row.index), BigInt(row.size), bytes(row.root), row.proof.map(bytes)) !== row.good)
    expect(wrong).toEqual([])
  })

  it('of consistency', () => {
    const wrong = vectors.consistency.filter((row) => isConsistent(BigInt(row.old), BigInt(row.size), bytes(row.old_root), bytes(row.root), row.proof.map(bytes)) !== row.good)
    expect(wrong).toEqual([])
  })
})

describe('notes', () => {
  it('are signed by the same keys, or refused', () => {
    for (const row of vectors.notes) {
      const read = unlessMalformed(() => {
        const note = readNote(bytes(row.note))
        const checkpoint = readCheckpoint(note.text)
        const signers = signedBy(note, [...log, ...witnesses])
        return { signers: signers.map((key) => vkeys[[...log, ...witnesses].indexOf(key)]), size: checkpoint.size.toString(), root: base64(checkpoint.root) }
      })
      expect(read ?? { signers: null }).toEqual({ ...row, note: undefined })
    }
  })
})

describe('receipts', () => {
  it.each(vectors.receipts)('$name', ({ receipt, good, index, size, entry, cosigned }) => {
    const verdict = verifyReceipt(bytes(receipt), log, witnesses)
    expect(verdict.standing).toBe(good ? 'proven' : 'refused')
    if (verdict.standing !== 'proven') return
    const told = { index: verdict.index.toString(), size: verdict.checkpoint.size.toString(), cosigned: verdict.cosignedBy.map((key) => key.name) }
    expect(told).toEqual({ index, size, cosigned })
    expect(JSON.stringify(verdict.entry)).toBe(entry)
  })

  const named = (name: string): Uint8Array => bytes(vectors.receipts.find((row) => row.name === name)?.receipt ?? '')

  it.each([
    ['another result', 'receipt_not_in_log'],
    ['another salt', 'receipt_not_in_log'],
    ['a tree of another', 'receipt_not_in_log'],
    ['one signature missing', 'receipt_not_signed'],
    ['signed by a stranger', 'receipt_not_signed'],
    ["another log's name", 'receipt_not_signed'],
    ['cut off', 'receipt_unreadable'],
    ['empty', 'receipt_unreadable'],
  ])('%s: %s', (name, reason) => {
    expect(verifyReceipt(named(name), log)).toEqual({ standing: 'refused', reason })
  })

  it('prove nothing without a key, and under one key as much as under two', () => {
    expect(verifyReceipt(named('without witnesses'), [])).toEqual({ standing: 'refused', reason: 'receipt_not_signed' })
    for (const key of log) expect(verifyReceipt(named('one signature missing'), [key]).standing).toBe(key.kind === 'ed25519' ? 'proven' : 'refused')
  })

  it('over an entry in any other form are refused, even where log and proof are right', () => {
    const entry = vectors.receipts[0]?.entry ?? ''
    expect(verifyReceipt(receiptOver(entry), [ownKey()]).standing).toBe('proven')
    const others = [` ${entry}`, entry.replace('{', '{"act":null,'), entry.replace('"act_code"', '"act_kode"'), entry.replace('null', '0'), entry.replace('"name"', '1')]
    for (const other of [...others, entry.slice(0, -1), 'null', '[]', '1', '"x"', '{}']) {
      expect(verifyReceipt(receiptOver(other), [ownKey()])).toEqual({ standing: 'refused', reason: 'receipt_unreadable' })
    }
    expect(verifyReceipt(new Uint8Array(300 * 1024), log)).toEqual({ standing: 'refused', reason: 'receipt_unreadable' })
  })
})

const SECRET = new Uint8Array(32).fill(7)
const NAME = 'log.example/own'

function ownId(): Buffer {
  const material = Buffer.concat([Buffer.from(`${NAME}\n\u0001`), ed25519.getPublicKey(SECRET)])
  return createHash('sha256').update(material).digest().subarray(0, 4)
}

function ownKey(): NoteKey {
  return readKey(`${NAME}+${ownId().toString('hex')}+${base64(Uint8Array.of(1, ...ed25519.getPublicKey(SECRET)))}`)
}

/** A log of this one entry, signed by a key of our own. */
function receiptOver(entry: string): Uint8Array {
  const extra = Buffer.concat([new Uint8Array(32), Buffer.from(entry)])
  const commitment = createHash('sha256').update(Buffer.concat([Buffer.from('liangzheng log v1\0'), extra])).digest()
  const text = `${NAME}\n1\n${base64(leafHash(commitment))}\n`
  const signature = Buffer.concat([ownId(), ed25519.sign(Buffer.from(text), SECRET)])
  return Buffer.from(`c2sp.org/tlog-proof@v1\nextra ${base64(extra)}\nindex 0\n\n${text}\n\u2014 ${NAME} ${base64(signature)}\n`)
}
