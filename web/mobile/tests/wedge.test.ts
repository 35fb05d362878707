/** 键盘口扫码枪: what a burst is, and what it is not. */
import { describe, expect, it } from 'vitest'

import { type Key, NO_BURST, takeKey } from '../src/scan/wedge'

const CODE = 'LZ2:6BF/X 9$%*+-.A7'
const PLACES: Record<string, string> = { ':': 'Semicolon', '/': 'Slash', ' ': 'Space', '$': 'Digit4', '%': 'Digit5', '*': 'Digit8', '+': 'Equal', '-': 'Minus', '.': 'Period' }
const SHIFTED = ':$%*+'

function press(text: string, over: (key: Key) => Partial<Key> = () => ({}), gap = 12): Key[] {
  return Array.from(text).map((letter, place): Key => {
    const isLetter = /[a-z]/i.test(letter)
    const key: Key = {
      key: letter,
      code: PLACES[letter] ?? (isLetter ? `Key${letter.toUpperCase()}` : `Digit${letter}`),
      shift: SHIFTED.includes(letter) || (isLetter && letter === letter.toUpperCase()),
      capsLock: false,
      modified: false,
      at: place * gap,
    }
    return { ...key, ...over(key) }
  })
}

const ending = (keys: readonly Key[], key = 'Enter', gap = 12): Key => ({ key, code: key, shift: false, capsLock: false, modified: false, at: (keys.at(-1)?.at ?? 0) + gap })

/** What was read, and how many keys were kept from the page. */
function type(keys: readonly Key[]): { text: string | null; swallowed: number } {
  let burst = NO_BURST
  let text: string | null = null
  let swallowed = 0
  for (const key of keys) {
    const step = takeKey(burst, key)
    burst = step.burst
    text = step.text ?? text
    swallowed += Number(step.isBurst)
  }
  return { text, swallowed }
}

describe('a hardware scanner', () => {
  it.each(['Enter', 'Tab', 'NumpadEnter'])('types a code and ends with %s', (end) => {
    const keys = press(CODE)
    expect(type([...keys, ending(keys, end)])).toEqual({ text: CODE, swallowed: CODE.length - 2 + 1 })
  })

  it.each([
    ['an input method that calls every key Process', (): Partial<Key> => ({ key: 'Process' })],
    ['an input method that names no key', (): Partial<Key> => ({ key: 'Unidentified' })],
    ['full-width letters', (key: Key): Partial<Key> => ({ key: key.key === ' ' ? '　' : String.fromCharCode(key.key.charCodeAt(0) + 0xfee0) })],
    ['Chinese marks', (key: Key): Partial<Key> => (({ ':': { key: '：' }, '$': { key: '￥' }, '.': { key: '。' }, '/': { key: '、' } }) as Record<string, Partial<Key>>)[key.key] ?? {}],
    ['Caps Lock', (key: Key): Partial<Key> => ({ capsLock: true, key: key.key === key.key.toUpperCase() ? key.key.toLowerCase() : key.key.toUpperCase() })],
  ])('is read in spite of %s', (_name, over) => {
    const keys = press(CODE, over)
    expect(type([...keys, ending(keys)]).text).toBe(CODE)
  })

  it('may hold Shift down as a key of its own', () => {
    const keys = press('K7QF29XM').flatMap((key) => [{ ...key, key: 'Shift', code: 'ShiftLeft' }, key])
    expect(type([...keys, ending(keys)]).text).toBe('K7QF29XM')
  })

  it('may be held up for a moment in the middle of a code', () => {
    const keys = press(CODE).map((key, place) => ({ ...key, at: key.at + (place > 10 ? 300 : 0) }))
    expect(type([...keys, ending(keys)]).text).toBe(CODE)
  })

  it('types only what came since the last pause', () => {
    const before = press('abcdefgh')
    const keys = press(CODE).map((key) => ({ ...key, at: key.at + 5000 }))
    expect(type([...before, ...keys, ending(keys)]).text).toBe(CODE)
  })
})

describe('no scanner', () => {
  it.each([
    ['a fast typist', press(CODE, undefined, 80)],
    ['a short word', press('abcdefg')],
    ['a shortcut', press(CODE, () => ({ modified: true }))],
    ['arrow keys', press('aaaaaaaaa', () => ({ key: 'ArrowLeft', code: 'ArrowLeft' }))],
  ])('%s', (_name, keys) => {
    expect(type([...keys, ending(keys, 'Enter', keys.length > 1 ? (keys[1]?.at ?? 0) - (keys[0]?.at ?? 0) : 12)]).text).toBeNull()
  })

  it('a hand keeps every key', () => {
    const keys = press('hello world again', undefined, 80)
    expect(type([...keys, ending(keys, 'Enter', 80)]).swallowed).toBe(0)
  })

  it('a burst that no key ends in time', () => {
    const keys = press(CODE)
    expect(type([...keys, ending(keys, 'Enter', 900)]).text).toBeNull()
  })
})
