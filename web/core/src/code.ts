/**
 * Reads presentation codes without judging them. Nothing here checks a signature: what comes out carries the `unverified` prefix
 * until the server has judged it. The layout is that of `liangzheng/codes/signed.py`; both are held to `tests/vectors/codes.json`.
 */
import { Base45Error, decodeBase45 } from './base45'

export type CodeForm = 'holder_code' | 'badge_code' | 'short_code' | 'foreign_code' | 'unreadable'

/** The fields of a signed code, in the order in which they stand in the payload. */
export interface UnverifiedCode {
  readonly kind: 'holder'
  /** First four bytes of the SM3 digest of the signing key's point, as hex. */
  readonly keyId: string
  /** UUIDv7 of the code. */
  readonly codeId: string
  /** Unix time in seconds. */
  readonly issuedAt: number
  /** Seconds. */
  readonly lifetime: number
  readonly signature: Uint8Array
}

/** `reason` is a code of `reasons.json`. */
export class MalformedCode extends Error {
  constructor(readonly reason: 'code_unreadable' | 'foreign_code' | 'wrong_code_kind') {
    super(reason)
    this.name = 'MalformedCode'
  }
}

const HOLDER_PREFIX = 'LZ1:'
const PAYLOAD_BYTES = 27
const SIGNATURE_BYTES = 64
const CODE_BYTES = PAYLOAD_BYTES + SIGNATURE_BYTES
const HOLDER_TEXT = /^LZ1:[0-9A-Z $%*+\-./:]{137}$/
/** 91 bytes in base64url without padding, alone or as the end of the address in an officer's QR code. */
const BADGE_TEXT = /^(?:https?:\/\/[^\s/?#]+\/b\/|\/b\/)?[A-Za-z0-9_-]{122}$/
/** Crockford's alphabet: no I, L, O, U. */
const SHORT_CODE = /^[0-9A-HJKMNP-TV-Z]{8}$/
const LONGEST_SHORT_CODE = 32
const LONGEST_TEXT = 4096
const INVISIBLE = /\p{C}/u

/** `K7QF-29XM`, `k7qf 29xm` or `Ｋ７ＱＦ２９ＸＭ` to `K7QF29XM`; null when it is no short code. I and L are read as 1, O as 0. */
export function normaliseShortCode(text: string): string | null {
  if (text.length > LONGEST_SHORT_CODE) return null
  const plain = text
    .normalize('NFKC')
    .replace(/[\s\-\u2010-\u2015\u2212]/gu, '')
    .toUpperCase()
    .replace(/[IL]/g, '1')
    .replace(/O/g, '0')
  return SHORT_CODE.test(plain) ? plain : null
}

/** As it is shown and read aloud: two groups of four. */
export function showShortCode(code: string): string {
  const plain = normaliseShortCode(code)
  return plain === null ? code : `${plain.slice(0, 4)}-${plain.slice(4)}`
}

/** Says by its form alone what a camera or a keyboard has delivered; a foreign code is readable text that is not ours. */
export function classify(text: string): CodeForm {
  if (text.startsWith(HOLDER_PREFIX)) return 'holder_code'
  if (BADGE_TEXT.test(text)) return 'badge_code'
  if (normaliseShortCode(text) !== null) return 'short_code'
  return text.trim() !== '' && text.length <= LONGEST_TEXT && !INVISIBLE.test(text) ? 'foreign_code' : 'unreadable'
}

/** Reads the text of a holder's QR code; MalformedCode when it is anything else. */
export function readHolderText(text: string): UnverifiedCode {
  const form = classify(text)
  if (form === 'badge_code' || form === 'short_code') throw new MalformedCode('wrong_code_kind')
  if (form === 'foreign_code') throw new MalformedCode('foreign_code')
  if (!HOLDER_TEXT.test(text)) throw new MalformedCode('code_unreadable')
  return readPayload(bytesOf(text.slice(HOLDER_PREFIX.length)))
}

function bytesOf(text: string): Uint8Array {
  try {
    return decodeBase45(text)
  } catch (error) {
    if (error instanceof Base45Error) throw new MalformedCode('code_unreadable')
    throw error
  }
}

const KINDS: Readonly<Record<number, 'holder' | 'badge'>> = { 1: 'holder', 2: 'badge' }

function readPayload(bytes: Uint8Array): UnverifiedCode {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length !== CODE_BYTES || view.getUint8(0) !== 1) throw new MalformedCode('code_unreadable')
  const kind = KINDS[view.getUint8(1)]
  if (kind === undefined) throw new MalformedCode('code_unreadable')
  // The kind is told before anything else is looked at: a badge in a holder's clothes is a badge.
  if (kind !== 'holder') throw new MalformedCode('wrong_code_kind')
  const lifetime = view.getUint8(26)
  const isUuid7 = view.getUint8(12) >> 4 === 7 && view.getUint8(14) >> 6 === 2
  if (lifetime === 0 || !isUuid7) throw new MalformedCode('code_unreadable')
  return {
    kind,
    keyId: hex(bytes.subarray(2, 6)),
    codeId: uuid(bytes.subarray(6, 22)),
    issuedAt: view.getUint32(22),
    lifetime,
    signature: bytes.slice(PAYLOAD_BYTES),
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function uuid(bytes: Uint8Array): string {
  const text = hex(bytes)
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-')
}
