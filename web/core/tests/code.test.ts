/** The same vectors as `tests/codes` on the server's side: two readers, one behaviour. */
import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { Base45Error, classify, decodeBase45, encodeBase45, MalformedCode, normaliseShortCode, readHolderText, showShortCode } from '../src'

interface Expected {
  kind?: string
  key_id?: string
  code_id?: string
  issued_at?: number
  lifetime?: number
  reason?: string
}
interface Vectors {
  codes: { name: string; form: string; text: string; expect: Expected }[]
  forms: { text: string; form: string }[]
  base45: { bytes: string; text: string }[]
  base45_bad: string[]
  short_codes: { typed: string; code: string; shown: string }[]
  short_codes_bad: string[]
}

const vectors = JSON.parse(readFileSync(new URL('../../../tests/vectors/codes.json', import.meta.url), 'utf8')) as Vectors
const holderCodes = vectors.codes.filter((code) => code.form === 'holder')
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function reasonOf(text: string): string {
  try {
    readHolderText(text)
  } catch (error) {
    if (error instanceof MalformedCode) return error.reason
    throw error
  }
  return ''
}

describe('a holder code', () => {
  it.each(holderCodes.filter((code) => code.expect.reason === undefined))('is read: $name', ({ text, expect: wanted }) => {
    const code = readHolderText(text)
    expect({ kind: code.kind, key_id: code.keyId, code_id: code.codeId, issued_at: code.issuedAt, lifetime: code.lifetime }).toEqual({
      kind: wanted.kind,
      key_id: wanted.key_id,
      code_id: wanted.code_id,
      issued_at: wanted.issued_at,
      lifetime: wanted.lifetime,
    })
    expect(code.signature).toHaveLength(64)
  })

  it.each(holderCodes.filter((code) => code.expect.reason !== undefined))('is refused with the same reason: $name', ({ text, expect: wanted }) => {
    expect(reasonOf(text)).toBe(wanted.reason)
  })

  it('has vectors of both sorts', () => {
    expect(holderCodes.filter((code) => code.expect.reason === undefined).length).toBeGreaterThan(3)
    expect(holderCodes.filter((code) => code.expect.reason !== undefined).length).toBeGreaterThan(10)
  })
})

describe('the form of a text', () => {
  it.each(vectors.forms)('$form', ({ text, form }) => {
    expect(classify(text)).toBe(form)
  })
})

describe('a short code', () => {
  it.each(vectors.short_codes)('"$typed" is $code', ({ typed, code, shown }) => {
    expect(normaliseShortCode(typed)).toBe(code)
    expect(showShortCode(typed)).toBe(shown)
  })

  it.each(vectors.short_codes_bad)('"%s" is none', (typed) => {
    expect(normaliseShortCode(typed)).toBeNull()
  })
})

describe('base 45', () => {
  it.each(vectors.base45)('"$text"', ({ bytes, text }) => {
    expect(hex(decodeBase45(text))).toBe(bytes)
    expect(encodeBase45(Uint8Array.from(Buffer.from(bytes, 'hex')))).toBe(text)
  })

  it.each(vectors.base45_bad)('refuses "%s"', (text) => {
    expect(() => decodeBase45(text)).toThrow(Base45Error)
  })
})
