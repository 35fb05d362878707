/**
 * COSE_Sign1 (RFC 9052) with its payload inside, as `liangzheng/formats/cose.py` reads it: the algorithm has to be protected, no label
 * may stand in both headers, `crit` is refused. A message that was read is unverified until `isSignedBy` a key somebody trusts.
 */
import { CborError, type CborMap, decodeCbor, encodeCbor, isArray, isMap, Tagged } from './cbor'
import { type Algorithm, isSigned, type PublicKey } from './signatures'

export const ALGORITHM = 1
const CRITICAL = 2
const SIGN1_TAG = 18
/** SM2 is of the private range and this platform's own. */
const ALGORITHMS: ReadonlyMap<unknown, Algorithm> = new Map([
  [-7, 'ES256'],
  [-65537, 'SM2'],
])

/** These bytes are not a COSE_Sign1 of the kind that is accepted. */
export class MalformedSign1 extends Error {
  override readonly name = 'MalformedSign1'
}

export interface UnverifiedSign1 {
  readonly algorithm: Algorithm
  readonly protectedHeader: CborMap
  /** How many labels stand outside of the signature. */
  readonly unprotectedSize: number
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  readonly signedHeaders: Uint8Array
}

export function readSign1(data: Uint8Array): UnverifiedSign1 {
  const [headers, unprotected, payload, signature] = members(data)
  const protectedHeader = headers.length === 0 ? new Map<number, never>() : strict(headers, [])
  if (!isMap(protectedHeader)) throw new MalformedSign1('a protected header that is no map')
  const labels = [...unprotected.keys()]
  if (labels.some((label) => protectedHeader.has(label))) throw new MalformedSign1('a label in both headers')
  if (labels.includes(CRITICAL) || protectedHeader.has(CRITICAL)) throw new MalformedSign1('a critical header')
  const algorithm = ALGORITHMS.get(protectedHeader.get(ALGORITHM))
  if (algorithm === undefined) throw new MalformedSign1('another algorithm, or one that is not protected')
  return { algorithm, protectedHeader, unprotectedSize: unprotected.size, payload, signature, signedHeaders: protectedHeader.size === 0 ? new Uint8Array() : headers }
}

function members(data: Uint8Array): readonly [Uint8Array, CborMap, Uint8Array, Uint8Array] {
  const message = strict(data, [SIGN1_TAG])
  if (!(message instanceof Tagged) || !isArray(message.value) || message.value.length !== 4) throw new MalformedSign1('not a tagged array of four')
  const [headers, unprotected, payload, signature] = message.value
  if (headers instanceof Uint8Array && isMap(unprotected) && payload instanceof Uint8Array && signature instanceof Uint8Array) {
    return [headers, unprotected, payload, signature]
  }
  throw new MalformedSign1('members of another kind')
}

function strict(data: Uint8Array, tags: readonly number[]): ReturnType<typeof decodeCbor> {
  try {
    return decodeCbor(data, { tags, sortedKeys: false })
  } catch (error) {
    if (error instanceof CborError) throw new MalformedSign1(error.message)
    throw error
  }
}

/** The bytes under the signature: Sig_structure of RFC 9052, 4.4. */
export function signingInput(signedHeaders: Uint8Array, externalData: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(['Signature1', signedHeaders, externalData, payload])
}

/** A key of another kind than the algorithm's never made the signature. */
export function isSignedBy(message: UnverifiedSign1, key: PublicKey, externalData: Uint8Array = new Uint8Array()): boolean {
  const input = signingInput(message.signedHeaders, externalData, message.payload)
  return key.algorithm === message.algorithm && isSigned(key, message.signature, input)
}

/** Writes a message whose signature somebody else makes: a key that cannot leave its store signs `toSign`. */
export function writeSign1(signedHeaders: Uint8Array, payload: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeCbor(new Tagged(SIGN1_TAG, [signedHeaders, new Map(), payload, signature]))
}
