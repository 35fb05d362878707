/**
 * Signed notes and checkpoints of the log (C2SP signed-note, tlog-checkpoint, tlog-cosignature), read strictly: the same rules as
 * `liangzheng/auditlog/note.py`, which describes the kinds of keys. Nothing is believed before `signedBy` was asked.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'

import { equalBytes, joinBytes, toHex } from './bytes'
import { decompressPoint, isSigned } from './signatures'

export type KeyKind = 'ed25519' | 'sm2' | 'cosignature'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const TYPES: Readonly<Record<KeyKind, Uint8Array>> = {
  ed25519: Uint8Array.of(1),
  cosignature: Uint8Array.of(4),
  sm2: joinBytes([Uint8Array.of(0xff), encoder.encode('liangzheng sm2-sm3 v1')]),
}
const LONGEST_NOTE = 64 * 1024 // bytes
const MOST_SIGNATURES = 64
const MOST_LEAVES = 2n ** 62n
const [KEY_ID, TIME, HASH, SIGNATURE] = [4, 8, 32, 64]
const NAME = /^[^\p{White_Space}\u0000-\u0020+]+$/u
const DECIMAL = /^(?:0|[1-9][0-9]{0,18})$/
const SIGNATURE_LINE = /^\u2014 ([^\p{White_Space}+]+) ([A-Za-z0-9+/]+={0,2})$/u
const CONTROLS = /[\u0000-\u0009\u000b-\u001f]/

/** These bytes are no signed note, no checkpoint, or no key. */
export class MalformedNote extends Error {}

/** A public key under its name. */
export interface NoteKey {
  readonly name: string
  readonly kind: KeyKind
  readonly id: Uint8Array
  readonly key: Uint8Array
}

interface SignatureLine {
  readonly name: string
  readonly id: Uint8Array
  readonly value: Uint8Array
}

/** A text and the signatures under it, none of them checked yet. */
export interface Note {
  readonly text: string
  readonly signatures: readonly SignatureLine[]
}

/** The log's state: its name, how many entries it has, and the root over them. */
export interface Checkpoint {
  readonly origin: string
  readonly size: bigint
  readonly root: Uint8Array
}

/** Reads a verifier key, `name+id+base64(type || key)`. Throws MalformedNote. */
export function readKey(vkey: string): NoteKey {
  const [name = '', id = '', ...rest] = vkey.trim().split('+')
  const material = fromBase64(rest.join('+'))
  const kind = (['ed25519', 'cosignature', 'sm2'] as const).find((one) => equalBytes(material.subarray(0, TYPES[one].length), TYPES[one]))
  if (!NAME.test(name) || kind === undefined) throw new MalformedNote('not a key of a known type under a name')
  const key = material.subarray(TYPES[kind].length)
  const found = sha256(joinBytes([encoder.encode(`${name}\n`), material])).subarray(0, KEY_ID)
  if (toHex(found) !== id || !(kind === 'sm2' ? isSm2Key(key) : isEd25519Key(key))) throw new MalformedNote('not a key that may be used, or the id of another')
  return { name, kind, id: found, key }
}

function isSm2Key(key: Uint8Array): boolean {
  const point = key.length === 65 && key[0] === 4 ? decompressPoint('SM2', key.subarray(1, 33), ((key[64] ?? 0) & 1) === 1) : null
  return point !== null && equalBytes(point, key)
}

/** Refuses points that are not canonical, not on the curve, or of small order: under such a key some signatures hold for every message. */
function isEd25519Key(key: Uint8Array): boolean {
  try {
    return !ed25519.Point.fromBytes(key, false).isSmallOrder()
  } catch {
    return false
  }
}

/** Reads a signed note. Throws MalformedNote. */
export function readNote(data: Uint8Array): Note {
  if (data.length > LONGEST_NOTE) throw new MalformedNote('too long')
  const whole = readText(data)
  const end = whole.lastIndexOf('\n\n')
  if (end < 1 || CONTROLS.test(whole) || !whole.endsWith('\n')) throw new MalformedNote('not a text, an empty line and signatures')
  const lines = whole.slice(end + 2).split('\n').slice(0, -1)
  if (lines.length === 0 || lines.length > MOST_SIGNATURES) throw new MalformedNote('no signature, or too many')
  return { text: whole.slice(0, end + 1), signatures: lines.map(readSignature) }
}

function readSignature(line: string): SignatureLine {
  const found = SIGNATURE_LINE.exec(line)
  if (found === null) throw new MalformedNote('not a signature line')
  const value = fromBase64(found[2] ?? '')
  if (value.length <= KEY_ID) throw new MalformedNote('an empty signature')
  return { name: found[1] ?? '', id: value.subarray(0, KEY_ID), value: value.subarray(KEY_ID) }
}

/** Gives those of the keys that signed. Throws MalformedNote when one of them is named under a signature that is not its. */
export function signedBy(note: Note, keys: readonly NoteKey[]): NoteKey[] {
  return keys.filter((key) => {
    const lines = note.signatures.filter((line) => line.name === key.name && equalBytes(line.id, key.id))
    if (!lines.every((line) => isBy(key, line.value, note.text))) throw new MalformedNote(`a signature of ${key.name} is wrong`)
    return lines.length > 0
  })
}

function isBy(key: NoteKey, value: Uint8Array, text: string): boolean {
  if (key.kind === 'sm2') return isSigned({ algorithm: 'SM2', point: key.key }, value, encoder.encode(text))
  if (key.kind === 'ed25519') return isSignedEd25519(key.key, value, text)
  if (value.length !== TIME + SIGNATURE) return false
  const time = value.subarray(0, TIME).reduce((whole, byte) => (whole << 8n) | BigInt(byte), 0n)
  return isSignedEd25519(key.key, value.subarray(TIME), `cosignature/v1\ntime ${time.toString()}\n${text}`)
}

function isSignedEd25519(key: Uint8Array, value: Uint8Array, text: string): boolean {
  try {
    return ed25519.verify(value, encoder.encode(text), key, { zip215: false })
  } catch {
    return false
  }
}

/** Reads a note's text as a checkpoint of three lines, without extensions. Throws MalformedNote. */
export function readCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = '', end, ...more] = text.split('\n')
  if (end !== '' || more.length > 0 || !NAME.test(origin)) throw new MalformedNote('not a checkpoint of three lines')
  return { origin, size: readSize(size), root: readHash(root) }
}

/** Reads a decimal without leading zeroes. Throws MalformedNote. */
export function readSize(text: string): bigint {
  if (!DECIMAL.test(text) || BigInt(text) > MOST_LEAVES) throw new MalformedNote('not a size')
  return BigInt(text)
}

/** Reads a hash in base64. Throws MalformedNote. */
export function readHash(text: string): Uint8Array {
  const value = fromBase64(text)
  if (value.length !== HASH) throw new MalformedNote('not a hash of 32 bytes')
  return value
}

/** Reads UTF-8 strictly. Throws MalformedNote. */
export function readText(data: Uint8Array): string {
  try {
    return decoder.decode(data)
  } catch {
    throw new MalformedNote('not UTF-8')
  }
}

/** Reads base64 in its one form, padding included. Throws MalformedNote. */
export function fromBase64(text: string): Uint8Array {
  let value = ''
  try {
    value = atob(text)
  } catch {
    throw new MalformedNote('not base64')
  }
  if (btoa(value) !== text) throw new MalformedNote('not the one form of base64')
  return Uint8Array.from(value, (char) => char.charCodeAt(0))
}
