/**
 * Checks SM2 (GB/T 32918.2, with SM3, raw r || s) and ES256 signatures. Arithmetic is that of noble-curves; nothing here holds a secret,
 * so nothing needs to run in constant time. A bad key or signature is a plain `false`, never an exception.
 */
import { weierstrass, type WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js'
import { p256 } from '@noble/curves/nist.js'

import { joinBytes } from './bytes'
import { sm3 } from './sm3'

/** GB/T 32918.5-2017, clause 2. */
const CURVE = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
}
const Point = weierstrass(CURVE)
const DEFAULT_ID = new TextEncoder().encode('1234567812345678')

export type Algorithm = 'SM2' | 'ES256'

/** A public key: `point` is `04 || x || y`, 65 bytes. */
export interface PublicKey {
  readonly algorithm: Algorithm
  readonly point: Uint8Array
}

/** `signature` is r || s, 64 bytes. */
export function isSigned(key: PublicKey, signature: Uint8Array, message: Uint8Array): boolean {
  if (signature.length !== 64 || key.point.length !== 65 || key.point[0] !== 4) return false
  return key.algorithm === 'SM2' ? isSignedSm2(key.point, signature, message) : isSignedP256(key.point, signature, message)
}

function isSignedP256(point: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  try {
    return p256.verify(signature, message, point, { lowS: false })
  } catch {
    return false
  }
}

function isSignedSm2(encoded: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  const r = toNumber(signature.subarray(0, 32))
  const s = toNumber(signature.subarray(32))
  if (r === 0n || s === 0n || r >= CURVE.n || s >= CURVE.n) return false
  const t = (r + s) % CURVE.n
  const key = pointOf(encoded)
  if (t === 0n || key === null) return false
  const sum = Point.BASE.multiplyUnsafe(s).add(key.multiplyUnsafe(t))
  if (sum.is0()) return false
  return (toNumber(sm2Digest(encoded, message)) + sum.toAffine().x) % CURVE.n === r
}

function pointOf(encoded: Uint8Array): WeierstrassPoint<bigint> | null {
  try {
    const point = Point.fromAffine({ x: toNumber(encoded.subarray(1, 33)), y: toNumber(encoded.subarray(33)) })
    point.assertValidity()
    return point
  } catch {
    return null
  }
}

/** e = SM3(ZA || M) with ZA over the default signer id (GB/T 32918.2-2016, 5.5). */
function sm2Digest(encoded: Uint8Array, message: Uint8Array): Uint8Array {
  const bits = 8 * DEFAULT_ID.length
  const curve = [CURVE.a, CURVE.b, CURVE.Gx, CURVE.Gy].map(toBytes)
  const za = sm3(joinBytes([Uint8Array.of(bits >> 8, bits & 0xff), DEFAULT_ID, ...curve, encoded.subarray(1)]))
  return sm3(joinBytes([za, message]))
}

/** 65 bytes from x and the parity of y (SEC 1, 2.3.4); null when there is no such point. */
export function decompressPoint(algorithm: Algorithm, x: Uint8Array, isOdd: boolean): Uint8Array | null {
  const curve = algorithm === 'SM2' ? Point : p256.Point
  try {
    return curve.fromBytes(joinBytes([Uint8Array.of(isOdd ? 3 : 2), x])).toBytes(false)
  } catch {
    return null
  }
}

function toNumber(bytes: Uint8Array): bigint {
  return bytes.reduce((whole, byte) => (whole << 8n) | BigInt(byte), 0n)
}

function toBytes(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * (31 - index))) & 0xffn))
}
