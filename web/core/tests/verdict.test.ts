import { describe, expect, it } from 'vitest'

import table from '@reasons'

import { checkWord, errorWords, headline, reasonWord, splitWord, standingWord, type Standing } from '../src'

const { check, standing, errors, ...reasons } = table
const CODES = Object.keys(reasons)
const NEGATIVE: Standing[] = ['invalid', 'cannot_confirm', 'valid_offline']

describe('the headline of a verdict', () => {
  it.each([
    ['valid', [], '有效', 'ok'],
    ['valid_offline', [], '离线有效', 'warn'],
    ['cannot_confirm', ['status_unknown'], '无法确认', 'warn'],
    ['invalid', ['revoked'], '已吊销', 'bad'],
    ['invalid', ['expired'], '已过期', 'bad'],
    ['invalid', ['suspended'], '已暂扣', 'bad'],
    ['invalid', ['code_expired'], '出示码已失效', 'bad'],
    ['invalid', ['code_used'], '出示码已失效', 'bad'],
    ['invalid', ['code_forged'], '签名无效', 'bad'],
    ['invalid', ['revoked', 'expired'], '已吊销', 'bad'],
  ] as const)('%s %j is %s', (standing, codes, word, tone) => {
    expect(headline({ standing, reasons: codes }, 'zh')).toMatchObject({ word, tone })
  })

  it('keeps what follows the word', () => {
    expect(headline({ standing: 'invalid', reasons: ['code_forged'] }, 'zh').tail).toBe('疑似伪造')
    expect(headline({ standing: 'invalid', reasons: ['code_used'] }, 'zh').tail).toBe('已被使用过')
    expect(headline({ standing: 'cannot_confirm', reasons: ['untrusted_root'] }, 'zh').tail).toBe('签发机构不在信任名单')
  })

  it('falls back without ever looking like a pass', () => {
    expect(headline({ standing: 'invalid', reasons: ['invented_tomorrow'] }, 'zh')).toMatchObject({ word: '核验不通过', tail: 'invented_tomorrow', tone: 'bad' })
    expect(headline({ standing: 'invalid', reasons: [] }, 'zh')).toMatchObject({ word: '核验不通过', tone: 'bad' })
    expect(headline({ standing: 'cannot_confirm', reasons: ['invented_tomorrow'] }, 'zh')).toMatchObject({ word: '无法确认', tone: 'warn' })
  })

  it.each(CODES)('of any verdict but a valid one is never green: %s', (code) => {
    expect(NEGATIVE.map((standing) => headline({ standing, reasons: [code] }, 'zh').tone)).not.toContain('ok')
  })

  it.each(CODES)('says why and what to do, in both languages: %s', (code) => {
    const zh = headline({ standing: 'invalid', reasons: [code] }, 'zh')
    expect(zh.cause).not.toBe('')
    expect(zh.next).not.toBe('')
    expect(headline({ standing: 'invalid', reasons: [code] }, 'en').next).not.toBe('')
  })

  it('does not take a property of every object for a reason', () => {
    expect(reasonWord('constructor', 'zh')).toBe('constructor')
    expect(headline({ standing: 'invalid', reasons: ['__proto__'] }, 'zh').word).toBe('核验不通过')
  })
})

describe('the words', () => {
  it('of checks, standings and errors', () => {
    expect(checkWord('in_validity', 'zh')).toBe('在有效期内')
    expect(checkWord('not_there', 'zh')).toBe('not_there')
    expect(standingWord('valid', 'en')).toBe('Valid')
    expect(errorWords('officers_not_shown', 'zh')?.message).toContain('执法证')
    expect(errorWords('not_there', 'zh')).toBeNull()
  })

  it.each([
    ['已吊销', '已吊销', ''],
    ['出示码已失效，请对方刷新', '出示码已失效', '请对方刷新'],
    ['签名无效（疑似伪造）', '签名无效', '疑似伪造'],
    ['Code expired: ask the holder to refresh', 'Code expired', 'ask the holder to refresh'],
    ['Signature invalid (possibly forged)', 'Signature invalid', 'possibly forged'],
    ['（只有括号）', '（只有括号）', ''],
  ])('"%s" splits into "%s" and "%s"', (text, word, tail) => {
    expect(splitWord(text)).toEqual([word, tail])
  })
})
