/** The words of a verdict, from the one table that Python and TypeScript share. A code without words never looks like a pass. */
import table from '@reasons'

export type Standing = 'valid' | 'valid_offline' | 'cannot_confirm' | 'invalid'
export type CheckResult = 'pass' | 'fail' | 'unknown' | 'not_applicable'
export type Level = 'ok' | 'warn' | 'bad' | 'unknown'
/** What a screen may look like. Only `valid` is ever `ok`. */
export type Tone = 'ok' | 'warn' | 'bad'
export type Language = 'zh' | 'en'

export interface Words {
  readonly zh: string
  readonly en: string
  readonly level?: string
  readonly cause_zh?: string
  readonly cause_en?: string
  readonly next_zh?: string
  readonly next_en?: string
}

type Section = Readonly<Record<string, Words>>

const { check, standing: standings, errors, ...reasons } = table
const REASONS: Section = reasons
const CHECKS: Section = check
const STANDINGS: Section = standings
const ERRORS: Section = errors

export interface Headline {
  /** The one word an officer acts on. */
  readonly word: string
  /** What follows the word in the table, or the reason of an unconfirmed verdict. */
  readonly tail: string
  readonly tone: Tone
  readonly cause: string
  readonly next: string
}

const TONES: Readonly<Record<Standing, Tone>> = { valid: 'ok', valid_offline: 'warn', cannot_confirm: 'warn', invalid: 'bad' }

export function reasonWord(code: string, language: Language): string {
  return find(REASONS, code)?.[language] ?? code
}

export function checkWord(id: string, language: Language): string {
  return find(CHECKS, id)?.[language] ?? id
}

export function standingWord(standing: Standing, language: Language): string {
  return find(STANDINGS, standing)?.[language] ?? standing
}

/** The sentence for an error code and what to do next; null when the table has none. */
export function errorWords(code: string, language: Language): { readonly message: string; readonly next: string } | null {
  const words = find(ERRORS, code)
  return words === undefined ? null : { message: words[language], next: (language === 'zh' ? words.next_zh : words.next_en) ?? '' }
}

export function reasonLevel(code: string): Level {
  const level = find(REASONS, code)?.level
  return level === 'ok' || level === 'warn' || level === 'bad' ? level : 'unknown'
}

/**
 * The decisive reason stands first in `reasons`. An invalid verdict is named by it; an unconfirmed one is named 无法确认 and followed by it.
 * An invalid verdict whose reason only warns (the wrong code was shown) is amber: nothing is wrong with a licence. It is never green.
 */
export function headline(verdict: { readonly standing: Standing; readonly reasons: readonly string[] }, language: Language): Headline {
  const decisive = verdict.reasons[0] ?? ''
  const words = find(REASONS, decisive)
  const advice = adviceOf(words, language)
  if (verdict.standing !== 'invalid') {
    const tail = decisive === '' ? '' : reasonWord(decisive, language)
    return { word: standingWord(verdict.standing, language), tail, tone: TONES[verdict.standing], ...advice }
  }
  if (words === undefined) return { word: standingWord('invalid', language), tail: decisive, tone: 'bad', ...advice }
  const [word, tail] = splitWord(words[language])
  return { word, tail, tone: reasonLevel(decisive) === 'warn' ? 'warn' : 'bad', ...advice }
}

function adviceOf(words: Words | undefined, language: Language): { cause: string; next: string } {
  const cause = language === 'zh' ? words?.cause_zh : words?.cause_en
  const next = language === 'zh' ? words?.next_zh : words?.next_en
  return { cause: cause ?? '', next: next ?? '' }
}

/** Splits at the first mark that opens an explanation, so that the word itself can be set large. */
export function splitWord(text: string): readonly [string, string] {
  const at = text.search(/[，：（]|(?<=\w)(?::| \()/u)
  if (at < 1) return [text, '']
  return [text.slice(0, at), text.slice(at).replace(/^[，：（:\s(]+/u, '').replace(/[）)]$/u, '')]
}

function find(section: Section, code: string): Words | undefined {
  return Object.hasOwn(section, code) ? section[code] : undefined
}
