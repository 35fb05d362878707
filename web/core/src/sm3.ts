/** SM3 (GB/T 32905-2016): the digest under every SM2 signature. Held to the standard's vectors and to `tests/vectors/crypto.json`. */

const START = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e] as const
const BLOCK = 64
const WORDS = 68

const turn = (word: number, by: number): number => (word << (by % 32)) | (word >>> (32 - (by % 32)))
const p0 = (word: number): number => word ^ turn(word, 9) ^ turn(word, 17)
const p1 = (word: number): number => word ^ turn(word, 15) ^ turn(word, 23)

/** Gives the 32-byte digest. */
export function sm3(message: Uint8Array): Uint8Array {
  const blocks = padded(message)
  const state = new DataView(new ArrayBuffer(32))
  START.forEach((word, index) => state.setInt32(4 * index, word))
  const words = new DataView(new ArrayBuffer(4 * WORDS))
  for (let at = 0; at < blocks.byteLength; at += BLOCK) {
    expand(blocks, at, words)
    compress(state, words)
  }
  return new Uint8Array(state.buffer)
}

function padded(message: Uint8Array): DataView {
  const size = Math.ceil((message.length + 9) / BLOCK) * BLOCK
  const bytes = new Uint8Array(size)
  bytes.set(message)
  bytes[message.length] = 0x80
  const view = new DataView(bytes.buffer)
  view.setBigUint64(size - 8, 8n * BigInt(message.length))
  return view
}

function expand(blocks: DataView, at: number, words: DataView): void {
  const word = (j: number): number => words.getInt32(4 * j)
  for (let j = 0; j < 16; j += 1) words.setInt32(4 * j, blocks.getInt32(at + 4 * j))
  for (let j = 16; j < WORDS; j += 1) {
    words.setInt32(4 * j, p1(word(j - 16) ^ word(j - 9) ^ turn(word(j - 3), 15)) ^ turn(word(j - 13), 7) ^ word(j - 6))
  }
}

function compress(state: DataView, words: DataView): void {
  const at = (index: number): number => state.getInt32(4 * index)
  let [a, b, c, d, e, f, g, h] = [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)]
  for (let j = 0; j < 64; j += 1) {
    const early = j < 16
    const ss1 = turn((turn(a, 12) + e + turn(early ? 0x79cc4519 : 0x7a879d8a, j)) | 0, 7)
    const ff = early ? a ^ b ^ c : (a & b) | (a & c) | (b & c)
    const gg = early ? e ^ f ^ g : (e & f) | (~e & g)
    const word = words.getInt32(4 * j)
    const tt1 = (ff + d + (ss1 ^ turn(a, 12)) + (word ^ words.getInt32(4 * j + 16))) | 0
    const tt2 = (gg + h + ss1 + word) | 0
    ;[a, b, c, d, e, f, g, h] = [tt1, a, turn(b, 9), c, p0(tt2), e, turn(f, 19), g]
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, index) => state.setInt32(4 * index, word ^ at(index)))
}
