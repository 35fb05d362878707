/**
 * Reads and writes off-line codes as `liangzheng/codes/offline_code.py` does; both are held to `tests/vectors/offline.json`.
 * Whatever was read is unverified: signatures, times and status are judged by `offline.ts`.
 */
import { sha256 } from '@noble/hashes/sha2.js'

import { Base45Error, decodeBase45, encodeBase45 } from './base45'
import { joinBytes, toHex } from './bytes'
import { CborError, type CborKey, type CborMap, type CborValue, decodeCbor, encodeCbor, isArray, isMap } from './cbor'
import { isSignedBy, MalformedSign1, readSign1, signingInput, type UnverifiedSign1, writeSign1 } from './cose'
import { BadZlib, deflateZlib, inflateZlib } from './inflate'
import { type Algorithm, decompressPoint, type PublicKey } from './signatures'

export const OFFLINE_PREFIX = 'LZ2:'
const LONGEST_TEXT = 900
const LONGEST_LIFETIME = 60
const LONGEST_AUDIENCE = 24
const LARGEST = 4096
const LATEST = 253_402_300_799
const UTF8 = new TextEncoder()
const CREDENTIAL_DOMAIN = UTF8.encode('liangzheng credential v2')
const PROOF_DOMAIN = UTF8.encode('liangzheng proof v2')
const FACE = ['type_code', 'name', 'holder', 'number', 'valid_from', 'valid_to', 'issuer', 'agency', 'fields', 'area', 'area_code'] as const
const CLAIM = { subject: 2, expires: 4, issued: 6, confirmation: 8, status: 65535, kind: -70001, face: -70002, file: -70003, photo: -70004, grant: -70005 } as const
const NEEDED: readonly CborKey[] = [CLAIM.subject, CLAIM.expires, CLAIM.issued, CLAIM.confirmation, CLAIM.kind, CLAIM.face]
const OPTIONAL: readonly CborKey[] = [CLAIM.status, CLAIM.file, CLAIM.photo, CLAIM.grant]
const CURVES: ReadonlyMap<unknown, Algorithm> = new Map([
  [1, 'ES256'],
  [-65537, 'SM2'],
])

export const LICENCE = 1
export const OFFICER = 2
export const DELEGATED = 3
export type CredentialKind = typeof LICENCE | typeof OFFICER | typeof DELEGATED
export type FaceName = (typeof FACE)[number]
export type Face = Readonly<Partial<Record<FaceName, string>>>

export interface StatusPlace {
  readonly uri: string
  readonly index: number
}

export interface Grant {
  readonly giver: string
  readonly purpose: string
  readonly index: number
}

/** Times are whole seconds since 1970. */
export interface Credential {
  readonly kind: CredentialKind
  readonly subject: Uint8Array
  readonly issuedAt: number
  readonly expiresAt: number
  readonly deviceKey: PublicKey
  readonly face: Face
  readonly status: StatusPlace | null
  readonly fileDigest: Uint8Array
  readonly photoDigest: Uint8Array
  readonly grant: Grant | null
}

export interface Proof {
  readonly issuedAt: number
  readonly counter: number
  readonly lifetime: number
  readonly audience: string
  readonly challenge: Uint8Array
  readonly matchNumber: number
}

export interface UnverifiedOfflineCode {
  readonly credential: Credential
  readonly proof: Proof
  /** Hex of the name of the key that is said to have signed the credential. */
  readonly keyId: string
  /** What tells this showing from every other. */
  readonly showing: string
  readonly isIssuedBy: (key: PublicKey) => boolean
  /** Whether the device the credential was issued to signed the proof, and for this credential. */
  readonly isProved: () => boolean
}

/** This text is not such a code. */
export class MalformedOfflineCode extends Error {
  override readonly name = 'MalformedOfflineCode'
}

export function readOfflineCode(text: string): UnverifiedOfflineCode {
  if (!text.startsWith(OFFLINE_PREFIX) || text.length > LONGEST_TEXT) throw new MalformedOfflineCode('another prefix, or too long')
  const members = strictly(() => decodeCbor(inflateZlib(decodeBase45(text.slice(OFFLINE_PREFIX.length)), LARGEST)))
  if (!isArray(members) || members.length !== 3 || members[0] !== 2) throw new MalformedOfflineCode('not version 2 with credential and proof')
  const encoded = bytes(members[1])
  const [credential, issued] = readCredential(encoded)
  const [proof, proved] = readProof(bytes(members[2]))
  return {
    credential,
    proof,
    keyId: toHex(bytes(issued.protectedHeader.get(4))),
    showing: `${toHex(sha256(encoded).subarray(0, 16))}:${proof.counter}`,
    isIssuedBy: (key) => isSignedBy(issued, key, CREDENTIAL_DOMAIN),
    isProved: () => isSignedBy(proved, credential.deviceKey, proofDomain(encoded)),
  }
}

export function readCredential(data: Uint8Array): readonly [Credential, UnverifiedSign1] {
  const message = readMessage(data, [1, 4])
  bytes(message.protectedHeader.get(4), [8])
  const claims = map(strictly(() => decodeCbor(message.payload)))
  const names = [...claims.keys()]
  if (!NEEDED.every((name) => claims.has(name)) || !names.every((name) => NEEDED.includes(name) || OPTIONAL.includes(name))) {
    throw new MalformedOfflineCode('claims are missing, or others are there')
  }
  return [credentialOf(claims), message]
}

function credentialOf(claims: CborMap): Credential {
  const kind = number(claims.get(CLAIM.kind))
  const isGranted = claims.has(CLAIM.grant)
  if (kind !== LICENCE && kind !== OFFICER && kind !== DELEGATED) throw new MalformedOfflineCode('another kind')
  if ((kind === DELEGATED) !== isGranted || (isGranted && !claims.has(CLAIM.status))) throw new MalformedOfflineCode('a grant where none belongs')
  const optional = <T>(name: CborKey, read: (value: CborValue | undefined) => T, otherwise: T): T => (claims.has(name) ? read(claims.get(name)) : otherwise)
  return {
    kind,
    subject: bytes(claims.get(CLAIM.subject), [16]),
    issuedAt: number(claims.get(CLAIM.issued), LATEST),
    expiresAt: number(claims.get(CLAIM.expires), LATEST),
    deviceKey: deviceKey(claims.get(CLAIM.confirmation)),
    face: readFace(claims.get(CLAIM.face)),
    status: optional(CLAIM.status, statusPlace, null),
    fileDigest: optional(CLAIM.file, (value) => bytes(value, [16]), new Uint8Array()),
    photoDigest: optional(CLAIM.photo, (value) => bytes(value, [8]), new Uint8Array()),
    grant: optional(CLAIM.grant, grantOf, null),
  }
}

function readFace(value: CborValue | undefined): Face {
  const members = map(value)
  const named = [...members].map(([place, told]) => [FACE[number(place) - 1], text(told)] as const)
  if (named.length === 0 || named.some(([name]) => name === undefined)) throw new MalformedOfflineCode('no face, or members without a name')
  return Object.fromEntries(named) as Face
}

function grantOf(value: CborValue | undefined): Grant {
  const members = exactly(value, [1, 2, 3])
  return { giver: text(members.get(1)), purpose: text(members.get(2)), index: number(members.get(3)) }
}

function statusPlace(value: CborValue | undefined): StatusPlace {
  const place = exactly(exactly(value, ['status_list']).get('status_list'), ['idx', 'uri'])
  return { uri: text(place.get('uri')), index: number(place.get('idx')) }
}

function deviceKey(value: CborValue | undefined): PublicKey {
  const key = exactly(exactly(value, [1]).get(1), [1, -1, -2, -3])
  const algorithm = CURVES.get(key.get(-1))
  const isOdd = key.get(-3)
  if (algorithm === undefined || key.get(1) !== 2 || typeof isOdd !== 'boolean') throw new MalformedOfflineCode('another kind of device key')
  const point = decompressPoint(algorithm, bytes(key.get(-2), [32]), isOdd)
  if (point === null) throw new MalformedOfflineCode('a device key that is no point')
  return { algorithm, point }
}

function readProof(data: Uint8Array): readonly [Proof, UnverifiedSign1] {
  const message = readMessage(data, [1])
  const members = strictly(() => decodeCbor(message.payload))
  if (!isArray(members) || members.length !== 7 || members[0] !== 1) throw new MalformedOfflineCode('not the seven members of a proof')
  const proof = {
    issuedAt: number(members[1], LATEST),
    counter: number(members[2]),
    lifetime: number(members[3]),
    audience: text(members[4], 0, LONGEST_AUDIENCE),
    challenge: bytes(members[5], [0, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
    matchNumber: number(members[6]),
  }
  if (proof.lifetime < 1 || proof.lifetime > LONGEST_LIFETIME) throw new MalformedOfflineCode('a proof without a life, or with too long a one')
  return [proof, message]
}

/** Makes a fresh showing of a credential; the device's key signs and stays where it is. */
export async function showOffline(credential: Uint8Array, proof: Proof, sign: (toSign: Uint8Array) => Promise<Uint8Array>): Promise<string> {
  const headers = encodeCbor(new Map([[1, -7]]))
  const payload = encodeCbor([1, proof.issuedAt, proof.counter, proof.lifetime, proof.audience, proof.challenge, proof.matchNumber])
  const signature = await sign(signingInput(headers, proofDomain(credential), payload))
  const written = OFFLINE_PREFIX + encodeBase45(deflateZlib(encodeCbor([2, credential, writeSign1(headers, payload, signature)])))
  if (written.length > LONGEST_TEXT) throw new RangeError('the code is longer than a camera reads well')
  return written
}

function proofDomain(credential: Uint8Array): Uint8Array {
  return joinBytes([PROOF_DOMAIN, sha256(credential)])
}

function readMessage(data: Uint8Array, labels: readonly number[]): UnverifiedSign1 {
  if (data[0] !== 0xd2) throw new MalformedOfflineCode('not a tagged message')
  const message = strictly(() => readSign1(data))
  const found = [...message.protectedHeader.keys()]
  if (found.length !== labels.length || !labels.every((label) => found.includes(label)) || message.unprotectedSize > 0) {
    throw new MalformedOfflineCode('other headers')
  }
  return message
}

/** Every kind of bad form is one thing to whoever scanned the text. */
function strictly<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof CborError || error instanceof BadZlib || error instanceof Base45Error || error instanceof MalformedSign1) throw new MalformedOfflineCode(error.message)
    throw error
  }
}

function map(value: CborValue | undefined): CborMap {
  if (!isMap(value)) throw new MalformedOfflineCode('no map where one belongs')
  return value
}

function exactly(value: CborValue | undefined, keys: readonly CborKey[]): CborMap {
  const members = map(value)
  if (members.size !== keys.length || !keys.every((key) => members.has(key))) throw new MalformedOfflineCode('a map with other members')
  return members
}

function number(value: CborValue | undefined, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || value < 0 || value > most) throw new MalformedOfflineCode('no number, or one out of range')
  return value
}

/** Length is counted in characters of Unicode, as Python does. */
function text(value: CborValue | undefined, least = 1, most = 400): string {
  if (typeof value !== 'string') throw new MalformedOfflineCode('no text')
  const { length } = Array.from(value)
  if (length < least || length > most) throw new MalformedOfflineCode('a text too short or too long')
  return value
}

function bytes(value: CborValue | undefined, sizes: readonly number[] = []): Uint8Array {
  if (!(value instanceof Uint8Array) || (sizes.length > 0 && !sizes.includes(value.length))) throw new MalformedOfflineCode('no bytes, or of another length')
  return value
}
