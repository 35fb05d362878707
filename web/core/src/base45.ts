/** Base45 as in RFC 9285. Strict: an unknown character, a wrong length or a group above its range is refused. */

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const DIGITS = new Map(Array.from(ALPHABET, (character, value) => [character, value]))

export class Base45Error extends Error {
  override readonly name = 'Base45Error'
}

export function decodeBase45(text: string): Uint8Array {
  if (text.length % 3 === 1) throw new Base45Error('length')
  const bytes: number[] = []
  for (let at = 0; at < text.length; at += 3) {
    const low = digit(text, at) + 45 * digit(text, at + 1)
    if (at + 2 < text.length) {
      const value = low + 2025 * digit(text, at + 2)
      if (value > 0xffff) throw new Base45Error('range')
      bytes.push(value >> 8, value & 0xff)
    } else {
      if (low > 0xff) throw new Base45Error('range')
      bytes.push(low)
    }
  }
  return Uint8Array.from(bytes)
}

export function encodeBase45(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 2) {
    const first = bytes[at] ?? 0
    const second = bytes[at + 1]
    let value = second === undefined ? first : first * 256 + second
    for (let left = second === undefined ? 2 : 3; left > 0; left -= 1) {
      text += ALPHABET.charAt(value % 45)
      value = Math.floor(value / 45)
    }
  }
  return text
}

function digit(text: string, at: number): number {
  const value = DIGITS.get(text.charAt(at))
  if (value === undefined) throw new Base45Error('character')
  return value
}
