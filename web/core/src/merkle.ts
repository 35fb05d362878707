/** Proofs of the log's Merkle tree (RFC 9162, 2.1; SHA-256). A hash has 32 bytes; sizes and places are bigint, for a tree may have 2^62 leaves. */
import { sha256 } from '@noble/hashes/sha2.js'

import { equalBytes, joinBytes } from './bytes'

const HASH = 32

export const leafHash = (entry: Uint8Array): Uint8Array => sha256(joinBytes([Uint8Array.of(0), entry]))

const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(joinBytes([Uint8Array.of(1), left, right]))
const isOdd = (place: bigint): boolean => (place & 1n) === 1n
const areHashes = (values: readonly Uint8Array[]): boolean => values.every((value) => value.length === HASH)

/** Says whether the leaf stands at this place in the tree of this size and root (RFC 9162, 2.1.3.2). */
export function isIncluded(leaf: Uint8Array, index: bigint, size: bigint, root: Uint8Array, proof: readonly Uint8Array[]): boolean {
  if (index < 0n || index >= size || !areHashes([leaf, root, ...proof])) return false
  let [place, last] = [index, size - 1n]
  let found = leaf
  for (const step of proof) {
    if (last === 0n) return false
    const isRight = isOdd(place) || place === last
    found = isRight ? nodeHash(step, found) : nodeHash(found, step)
    ;[place, last] = above(place, last, isRight)
  }
  return last === 0n && equalBytes(found, root)
}

/** Says whether the tree of `old` leaves is the beginning of the one of `size` (RFC 9162, 2.1.4.2); of 0 leaves nothing is proven. */
export function isConsistent(old: bigint, size: bigint, oldRoot: Uint8Array, root: Uint8Array, proof: readonly Uint8Array[]): boolean {
  if (old <= 0n || old > size || !areHashes([oldRoot, root, ...proof])) return false
  if (old === size) return equalBytes(oldRoot, root) && proof.length === 0
  if (proof.length === 0) return false
  const isWhole = (old & (old - 1n)) === 0n
  return isGrown(old, size, oldRoot, root, isWhole ? [oldRoot, ...proof] : proof)
}

function isGrown(old: bigint, size: bigint, oldRoot: Uint8Array, root: Uint8Array, steps: readonly Uint8Array[]): boolean {
  let [place, last] = [old - 1n, size - 1n]
  while (isOdd(place)) [place, last] = [place >> 1n, last >> 1n]
  let first = steps[0] ?? oldRoot
  let second = first
  for (const step of steps.slice(1)) {
    if (last === 0n) return false
    const isRight = isOdd(place) || place === last
    if (isRight) first = nodeHash(step, first)
    second = isRight ? nodeHash(step, second) : nodeHash(second, step)
    ;[place, last] = above(place, last, isRight)
  }
  return last === 0n && equalBytes(first, oldRoot) && equalBytes(second, root)
}

/** Goes one level up, and past the levels on which a node without a right sibling is handed on as it is. */
function above(place: bigint, last: bigint, isRight: boolean): [bigint, bigint] {
  let levels = 1n
  while (isRight && place !== 0n && !isOdd(place >> (levels - 1n))) levels += 1n
  return [place >> levels, last >> levels]
}
