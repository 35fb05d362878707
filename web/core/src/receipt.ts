/**
 * Signed receipts of a look (`liangzheng/rights/receipt_file.py` describes the file), checked in the browser without a connection: both
 * signatures of the platform, and the proof that this very look stands in the public log. Read strictly, as the server reads them.
 */
import { sha256 } from '@noble/hashes/sha2.js'

import { fromBase64url, joinBytes, toBase64url, toHex } from './bytes'
import { type LogEntry, verifyReceipt } from './logReceipt'
import type { NoteKey } from './note'
import { isSigned, type PublicKey } from './signatures'

const TYPE = 'liangzheng-receipt'
const LARGEST = 64 * 1024 // bytes
const DOMAIN = new TextEncoder().encode('liangzheng log v1\0')
const ALGORITHMS = { ES256: 'ES256', SM2SM3: 'SM2' } as const
const TEXTS = ['number', 'commitment', 'log', 'agency', 'action', 'action_label', 'officer_certificate_number', 'act_code', 'at', 'purpose', 'legal_basis', 'licence_type', 'result', 'result_label', 'notice', 'issued_at'] as const
const LISTS = ['fields', 'field_labels'] as const
/** What the log entry says under its own name. */
const TOLD: Readonly<Partial<Record<keyof ReceiptContent, keyof LogEntry>>> = { action: 'action', officer_certificate_number: 'actor_number', act_code: 'act_code', at: 'at', purpose: 'purpose', legal_basis: 'legal_basis', result: 'result', fields: 'fields' }

export type ReceiptContent = Readonly<Record<(typeof TEXTS)[number], string> & Record<(typeof LISTS)[number], readonly string[]>>
export type Finding = 'good' | 'bad' | 'not_checked'

/** `readable` false: no such file, and nothing else is told. */
export type ReceiptCheck =
  | { readonly readable: false }
  | { readonly readable: true; readonly content: ReceiptContent; readonly signature: Finding; readonly log: Finding; readonly size: bigint | null; readonly cosignedBy: readonly string[] }

/** The platform's keys, `ES256:…` and `SM2SM3:…` as the platform writes them; null for anything else. */
export function readReceiptKey(word: string): PublicKey | null {
  const [name = '', text = ''] = word.trim().split(':')
  const point = strictBase64url(text)
  if (!isAlgorithm(name) || point?.length !== 65) return null
  return { algorithm: ALGORITHMS[name], point }
}

interface Signature {
  readonly algorithm: keyof typeof ALGORITHMS
  readonly header: string
  readonly value: Uint8Array
}

interface Read {
  readonly content: ReceiptContent
  readonly payload: string
  readonly signatures: readonly Signature[]
  readonly proof: string
}

/** Never throws. Without keys nothing is checked and nothing is good; keys of one algorithm alone are not enough. */
export function checkReceipt(data: Uint8Array, keys: readonly PublicKey[], log: readonly NoteKey[], witnesses: readonly NoteKey[] = []): ReceiptCheck {
  const receipt = readReceiptFile(data)
  if (receipt === null) return { readable: false }
  const isSignedByAll = receipt.signatures.every((one) => isBy(one, receipt.payload, keys))
  const signature = keys.length === 0 ? 'not_checked' : isSignedByAll ? 'good' : 'bad'
  return { readable: true, content: receipt.content, signature, ...checkProof(receipt, log, witnesses) }
}

type Proven = Pick<ReceiptCheck & { readable: true }, 'log' | 'size' | 'cosignedBy'>

function checkProof({ content, proof }: Read, log: readonly NoteKey[], witnesses: readonly NoteKey[]): Proven {
  if (proof === '' || log.length === 0) return { log: 'not_checked', size: null, cosignedBy: [] }
  const verdict = verifyReceipt(new TextEncoder().encode(proof), log, witnesses)
  if (verdict.standing !== 'proven') return { log: 'bad', size: null, cosignedBy: [] }
  const isThis = commitmentIn(proof) === content.commitment && verdict.checkpoint.origin === content.log
  const isTold = (Object.entries(TOLD) as [keyof ReceiptContent, keyof LogEntry][]).every(([mine, theirs]) => JSON.stringify(content[mine]) === JSON.stringify(verdict.entry[theirs]))
  if (!isThis || !isTold) return { log: 'bad', size: null, cosignedBy: [] }
  return { log: 'good', size: verdict.checkpoint.size, cosignedBy: verdict.cosignedBy.map(({ name }) => name) }
}

/** Of a proof that has been read: salt and entry stand in its second line. */
function commitmentIn(proof: string): string {
  const extra = proof.split('\n')[1]?.slice('extra '.length) ?? ''
  return toHex(sha256(joinBytes([DOMAIN, Uint8Array.from(atob(extra), (char) => char.charCodeAt(0))])))
}

function isBy({ algorithm, header, value }: Signature, payload: string, keys: readonly PublicKey[]): boolean {
  const signed = new TextEncoder().encode(`${header}.${payload}`)
  return keys.some((key) => key.algorithm === ALGORITHMS[algorithm] && isSigned(key, value, signed))
}

function readReceiptFile(data: Uint8Array): Read | null {
  const outer = readOuter(data)
  const { payload, signatures, log_proof: proof = '' } = outer ?? {}
  const names = proof === '' ? 'payload,signatures' : 'payload,signatures,log_proof'
  if (!isText(payload) || !isText(proof) || Object.keys(outer ?? {}).join() !== names) return null
  const content = readContent(strictBase64url(payload))
  const read = readSignatures(signatures)
  return content === null || read === null ? null : { content, payload, signatures: read, proof }
}

/** In its one form only, so that no two readers see different things. */
function readOuter(data: Uint8Array): Record<string, unknown> | null {
  const text = data.length > LARGEST ? null : strictText(data)
  const outer = text === null ? null : record(text)
  return JSON.stringify(outer, null, 1) === text?.replace(/\n$/, '') ? outer : null
}

/** One of each algorithm. */
function readSignatures(items: unknown): readonly Signature[] | null {
  if (!Array.isArray(items) || items.length !== 2) return null
  const read = items.map(readSignature).filter((one) => one !== null)
  return new Set(read.map(({ algorithm }) => algorithm)).size === 2 ? read : null
}

function readSignature(item: unknown): Signature | null {
  if (typeof item !== 'object' || item === null || Object.keys(item).join() !== 'protected,signature') return null
  const { protected: header, signature } = item as Record<string, unknown>
  if (!isText(header) || !isText(signature)) return null
  const algorithm = algorithmOf(strictBase64url(header))
  const value = strictBase64url(signature)
  return algorithm === null || value === null ? null : { algorithm, header, value }
}

function algorithmOf(header: Uint8Array | null): Signature['algorithm'] | null {
  const text = header === null ? null : strictText(header)
  const told = text === null ? null : record(text)
  const name = told?.alg
  return isAlgorithm(name) && text === JSON.stringify({ alg: name, typ: TYPE }) ? name : null
}

function readContent(bytes: Uint8Array | null): ReceiptContent | null {
  const text = bytes === null ? null : strictText(bytes)
  const told = text === null ? null : record(text)
  if (told === null) return null
  const names = [...TEXTS, ...LISTS].sort()
  const isWhole = TEXTS.every((name) => isText(told[name])) && LISTS.every((name) => Array.isArray(told[name]) && told[name].every(isText))
  const canonical = JSON.stringify(Object.fromEntries(names.map((name) => [name, told[name]])))
  return isWhole && canonical === text ? (told as unknown as ReceiptContent) : null
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isAlgorithm = (name: unknown): name is keyof typeof ALGORITHMS => name === 'ES256' || name === 'SM2SM3'

function record(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function strictText(data: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch {
    return null
  }
}

function strictBase64url(text: string): Uint8Array | null {
  try {
    const bytes = fromBase64url(text)
    return toBase64url(bytes) === text ? bytes : null
  } catch {
    return null
  }
}

