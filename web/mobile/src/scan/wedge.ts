/**
 * A hardware scanner types what it reads (keyboard wedge): keys in a burst that no hand makes, ended by Enter or Tab. Pure: keys in, text out.
 * An input method, Caps Lock or full-width mode may change what the browser calls a key; the scanner's own keys are found again.
 */
export interface Key {
  readonly key: string
  /** The place on the keyboard, as `KeyboardEvent.code`. */
  readonly code: string
  readonly shift: boolean
  readonly capsLock: boolean
  /** Ctrl, Alt or the system key is held. */
  readonly modified: boolean
  /** Milliseconds. */
  readonly at: number
}

export interface Burst {
  readonly text: string
  readonly at: number
}

export interface Step {
  readonly burst: Burst
  /** What was read, once the burst has ended. */
  readonly text: string | null
  /** This key belongs to a burst and must not press a button or move the focus. */
  readonly isBurst: boolean
}

export const NO_BURST: Burst = { text: '', at: Number.NEGATIVE_INFINITY }
/** Scanners send a key every 1 to 30 ms, slow radio ones up to 50; a fast typist needs 80. */
const LONGEST_GAP_MS = 60
/** No hand makes a burst as long as a code; once it is that long, a radio or a busy phone may hold it up for a moment. */
const LONGEST_PAUSE_MS = 400
/** The shortest code is a short code. */
const LEAST = 8
/** From the third fast key on it is no hand. */
const SURE = 2

const ENDS = new Set(['Enter', 'NumpadEnter', 'Tab'])
const HOLDS = new Set(['Shift', 'CapsLock'])
const SHIFTED_DIGITS = ')!@#$%^&*('
/** The keyboard that scanners imitate (US). */
const MARKS: ReadonlyMap<string, string> = new Map([
  ['Space', '  '],
  ['Minus', '-_'],
  ['Equal', '=+'],
  ['Slash', '/?'],
  ['Period', '.>'],
  ['Comma', ',<'],
  ['Semicolon', ';:'],
  ['Quote', '\'"'],
  ['BracketLeft', '[{'],
  ['BracketRight', ']}'],
  ['Backslash', '\\|'],
  ['Backquote', '`~'],
])

export function takeKey(burst: Burst, key: Key): Step {
  if (HOLDS.has(key.key)) return { burst, text: null, isBurst: false }
  const before = key.at - burst.at <= (burst.text.length >= LEAST ? LONGEST_PAUSE_MS : LONGEST_GAP_MS) ? burst.text : ''
  if (key.modified) return { burst: NO_BURST, text: null, isBurst: false }
  if (ENDS.has(key.code) || ENDS.has(key.key)) {
    const isDone = before.length >= LEAST
    return { burst: NO_BURST, text: isDone ? before : null, isBurst: isDone }
  }
  const typed = character(key)
  if (typed === '') return { burst: NO_BURST, text: null, isBurst: false }
  return { burst: { text: before + typed, at: key.at }, text: null, isBurst: before.length >= SURE }
}

/** The character the scanner meant; '' for a key that is none. */
function character({ key, code, shift, capsLock }: Key): string {
  const plain = key.length === 1 ? halfWidth(key) : ''
  if (!/^[ -~]$/.test(plain)) return byPlace(code, shift)
  return capsLock && /[a-z]/i.test(plain) ? swapCase(plain) : plain
}

function halfWidth(key: string): string {
  const point = key.charCodeAt(0)
  if (point === 0x3000) return ' '
  return point >= 0xff01 && point <= 0xff5e ? String.fromCharCode(point - 0xfee0) : key
}

const swapCase = (letter: string): string => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase())

/** An input method calls every key `Process` or a mark of its own; the place stays. */
function byPlace(code: string, shift: boolean): string {
  const [, letter, digit] = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(code) ?? []
  if (letter) return shift ? letter : letter.toLowerCase()
  if (digit) return shift ? SHIFTED_DIGITS.charAt(Number(digit)) : digit
  return MARKS.get(code)?.charAt(shift ? 1 : 0) ?? ''
}
