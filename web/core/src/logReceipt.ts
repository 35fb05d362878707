/**
 * Receipts (C2SP tlog-proof, `liangzheng/auditlog/receipt.py`): the proof that one entry stands in the public log, checked without a
 * connection by whoever has the file and the log's keys.
 */
import { sha256 } from '@noble/hashes/sha2.js'

import { joinBytes } from './bytes'
import { isIncluded, leafHash } from './merkle'
import { type Checkpoint, fromBase64, MalformedNote, type Note, type NoteKey, readCheckpoint, readHash, readNote, readSize, readText, signedBy } from './note'

const FIRST = 'c2sp.org/tlog-proof@v1'
const SALT = 32
const MOST_STEPS = 63
const LARGEST = 256 * 1024 // bytes
const DOMAIN = new TextEncoder().encode('liangzheng log v1\0')
const NEEDED = ['act_code', 'action', 'actor_kind', 'actor_number', 'at', 'id', 'legal_basis', 'purpose', 'region', 'result', 'subject_kind'] as const
const KEYS = ['act', 'actor', 'agency', 'holder', 'subject'] as const

/** What the log keeps of one event; `at` is UTC with microseconds, `fields` names data fields and never their values. */
export type LogEntry = Readonly<Record<(typeof NEEDED)[number], string> & Record<(typeof KEYS)[number], string | null> & { fields: readonly string[] }>

export type ReceiptReason = 'receipt_unreadable' | 'receipt_not_signed' | 'receipt_not_in_log'

/** `proven`: this entry stands at `index` in the log of the checkpoint; `cosignedBy` are those of the witnesses who saw that state. */
export type ReceiptVerdict =
  | { readonly standing: 'proven'; readonly index: bigint; readonly entry: LogEntry; readonly checkpoint: Checkpoint; readonly cosignedBy: readonly NoteKey[] }
  | { readonly standing: 'refused'; readonly reason: ReceiptReason }

interface Receipt {
  readonly salt: Uint8Array
  readonly canonical: Uint8Array
  readonly entry: LogEntry
  readonly index: bigint
  readonly proof: readonly Uint8Array[]
  readonly note: Note
  readonly checkpoint: Checkpoint
}

/** Judges a receipt file. All `keys` of the log have to have signed; without keys nothing is proven. Never throws. */
export function verifyReceipt(data: Uint8Array, keys: readonly NoteKey[], witnesses: readonly NoteKey[] = []): ReceiptVerdict {
  const receipt = unlessMalformed(() => readReceipt(data))
  if (receipt === null) return { standing: 'refused', reason: 'receipt_unreadable' }
  const { checkpoint, entry, index } = receipt
  const isNamed = keys.length > 0 && keys.every((key) => key.name === checkpoint.origin)
  const signers = unlessMalformed(() => signedBy(receipt.note, keys))
  const cosignedBy = unlessMalformed(() => signedBy(receipt.note, witnesses))
  if (!isNamed || signers?.length !== keys.length || cosignedBy === null) return { standing: 'refused', reason: 'receipt_not_signed' }
  const leaf = leafHash(sha256(joinBytes([DOMAIN, receipt.salt, receipt.canonical])))
  if (!isIncluded(leaf, index, checkpoint.size, checkpoint.root, receipt.proof)) return { standing: 'refused', reason: 'receipt_not_in_log' }
  return { standing: 'proven', index, entry, checkpoint, cosignedBy }
}

function unlessMalformed<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof MalformedNote) return null
    throw error
  }
}

function readReceipt(data: Uint8Array): Receipt {
  if (data.length > LARGEST) throw new MalformedNote('too long')
  const whole = readText(data)
  const end = whole.indexOf('\n\n')
  const [first, extra = '', index = '', ...steps] = whole.slice(0, Math.max(end, 0)).split('\n')
  if (end < 0 || first !== FIRST || steps.length > MOST_STEPS) throw new MalformedNote('not a proof of a log')
  if (!extra.startsWith('extra ') || !index.startsWith('index ')) throw new MalformedNote('a receipt has extra data and an index')
  const bytes = fromBase64(extra.slice('extra '.length))
  if (bytes.length <= SALT) throw new MalformedNote('the extra data are a salt and an entry')
  const note = readNote(new TextEncoder().encode(whole.slice(end + 2)))
  const canonical = bytes.subarray(SALT)
  return {
    salt: bytes.subarray(0, SALT),
    canonical,
    entry: readEntry(canonical),
    index: readSize(index.slice('index '.length)),
    proof: steps.map(readHash),
    note,
    checkpoint: readCheckpoint(note.text),
  }
}

/** Reads an entry in canonical form (RFC 8785): written anew, it has to give the same bytes. */
function readEntry(data: Uint8Array): LogEntry {
  const text = readText(data)
  const told = readObject(text)
  const names = [...NEEDED, ...KEYS, 'fields'].sort()
  const entry = Object.fromEntries(names.map((name) => [name, told[name]]))
  if (!isEntry(entry) || JSON.stringify(entry) !== text) throw new MalformedNote('the entry is not one of this log')
  return entry
}

function isEntry(told: Record<string, unknown>): told is LogEntry {
  const isText = (value: unknown): boolean => typeof value === 'string'
  const hasTexts = NEEDED.every((name) => isText(told[name])) && KEYS.every((name) => told[name] === null || isText(told[name]))
  return hasTexts && Array.isArray(told.fields) && told.fields.every(isText)
}

function readObject(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>
  } catch {
    throw new MalformedNote('the entry is not JSON')
  }
}
