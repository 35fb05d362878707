/**
 * Reads presentation codes without judging them. Nothing here checks a signature: what comes out carries the `unverified` prefix
 * until the server has judged it. The layout is that of `liangzheng/codes/signed.py`; both are held to `tests/vectors/codes.json`.
 */
import { Base45Error, decodeBase45 } from './base45'

export type CodeClass = 'holder_code' | 'badge_code' | 'short_code' | 'foreign_code' | 'unreadable'

/** The fields of a signed code, in the order in which they stand in the payload. */
export interface UnverifiedCode {
  readonly kind: 'holder' | 'badge'
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
/** 91 bytes in base64url without padding. */
const BADGE_TOKEN = /^[A-Za-z0-9_-]{122}$/
const BADGE_URL = /^https?:\/\/[^/\s]+\/b\/([A-Za-z0-9_-]{122})$/
/** Crockford's alphabet: no I, L, O, U. */
const SHORT_CODE = /^[0-9A-HJKMNP-TV-Z]{8}$/

/** `K7QF-29XM`, `k7qf 29xm` or `K7QF29XM` to `K7QF29XM`; null when it is no short code. I and L are read as 1, O as 0. */
export function normaliseShortCode(text: string): string | null {
  const plain = text
    .normalize('NFKC')
    .replace(/[\s\-–—]/gu, '')
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

/** What kind of text a camera or a keyboard has delivered, before anything is sent. */
export function classify(text: string): CodeClass {
  const trimmed = text.trim()
  if (trimmed === '') return 'unreadable'
  if (trimmed.startsWith(HOLDER_PREFIX)) return isReadable(trimmed, readHolderText) ? 'holder_code' : 'unreadable'
  if (BADGE_URL.test(trimmed) || BADGE_TOKEN.test(trimmed)) return 'badge_code'
  if (normaliseShortCode(trimmed) !== null) return 'short_code'
  return 'foreign_code'
}

export function readHolderText(text: string): UnverifiedCode {
  if (!text.startsWith(HOLDER_PREFIX)) throw new MalformedCode('foreign_code')
  let bytes: Uint8Array
  try {
    bytes = decodeBase45(text.slice(HOLDER_PREFIX.length))
  } catch (error) {
    if (error instanceof Base45Error) throw new MalformedCode('code_unreadable')
    throw error
  }
  const code = readPayload(bytes)
  if (code.kind !== 'holder') throw new MalformedCode('wrong_code_kind')
  return code
}

function isReadable(text: string, read: (text: string) => UnverifiedCode): boolean {
  try {
    read(text)
    return true
  } catch (error) {
    if (error instanceof MalformedCode) return false
    throw error
  }
}

function readPayload(bytes: Uint8Array): UnverifiedCode {
  if (bytes.length !== CODE_BYTES || bytes[0] !== 1) throw new MalformedCode('code_unreadable')
  const kind = bytes[1] === 1 ? 'holder' : bytes[1] === 2 ? 'badge' : null
  const lifetime = bytes[26] ?? 0
  if (kind === null || lifetime === 0) throw new MalformedCode('code_unreadable')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
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
