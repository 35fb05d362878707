/** House rules of the words: nothing missing, nothing unused, full-width marks after Chinese, no Chinese outside the word files. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { en } from '../src/words/en'
import { zh } from '../src/words/zh'

const WEB = fileURLToPath(new URL('../..', import.meta.url))
const BADGE_PAGE = join(WEB, '../liangzheng/onsite/templates/onsite/badge.html')
const HALF_WIDTH_AFTER_HAN = /\p{Script=Han}\s*[,:;?!()]/u
const HAN = /\p{Script=Han}/u

interface Tree { [key: string]: string | Tree }

function flat(tree: Tree, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] => (typeof value === 'string' ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`)))
}

function sources(folder: string): string[] {
  return readdirSync(join(WEB, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|vue)$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => join(WEB, folder, name))
}

const chinese = flat(zh)
const english = flat(en)
const keys = new Set(chinese.map(([key]) => key))
const code = ['mobile/src', 'ui/src', 'core/src'].flatMap(sources)
const outside = code.filter((path) => !path.includes('/words/'))
const text = outside.map((path) => readFileSync(path, 'utf8')).join('\n')

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->/g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

describe('the words', () => {
  it('have the same keys and the same blanks in both languages', () => {
    const blanks = (value: string): string[] => (value.match(/\{\w+\}/g) ?? []).sort()
    expect(english.map(([key]) => key)).toEqual(chinese.map(([key]) => key))
    expect(english.map(([key, value]) => [key, blanks(value)])).toEqual(chinese.map(([key, value]) => [key, blanks(value)]))
  })

  it.each(chinese)('%s has full-width marks', (_key, value) => {
    expect(value).not.toMatch(HALF_WIDTH_AFTER_HAN)
    expect(value.trim()).not.toBe('')
  })

  it('the rule would find a half-width mark', () => {
    expect('请核对: 本人').toMatch(HALF_WIDTH_AFTER_HAN)
    expect('烟台(演示)').toMatch(HALF_WIDTH_AFTER_HAN)
  })

  it('use no sign that the message format reads as its own', () => {
    expect(chinese.filter(([, value]) => /[@|]/.test(value))).toEqual([])
  })

  it('exist for every key that the pages name', () => {
    const named = [...text.matchAll(/\bt\(\s*'([\w.]+)'/g), ...text.matchAll(/title: '([\w]+\.[\w]+)'/g)].map((match) => match[1] ?? '')
    expect(named.length).toBeGreaterThan(150)
    expect(named.filter((key) => !keys.has(key))).toEqual([])
  })

  it('exist for every family of keys that the pages build', () => {
    const families = [...text.matchAll(/\bt\(\s*`([\w.]+)\$\{/g)].map((match) => match[1] ?? '')
    expect(families.length).toBeGreaterThan(8)
    expect(families.filter((family) => ![...keys].some((key) => key.startsWith(family)))).toEqual([])
  })

  it('are all used', () => {
    const families = [...text.matchAll(/`([\w.]+)\$\{/g)].map((match) => match[1] ?? '')
    const unused = [...keys].filter((key) => !text.includes(`'${key}'`) && !families.some((family) => family.includes('.') && key.startsWith(family)))
    expect(unused).toEqual([])
  })

  it('stand in the word files only', () => {
    const found = outside.filter((path) => HAN.test(withoutComments(readFileSync(path, 'utf8'))))
    expect(found).toEqual([])
  })
})

describe('the public page', () => {
  const page = readFileSync(BADGE_PAGE, 'utf8')

  it('has full-width marks', () => {
    const words = page.replace(/\{[{%#][\s\S]*?[}%#]\}/g, '').replace(/<[^>]*>/g, '\n')
    expect(words.split('\n').filter((line) => HALF_WIDTH_AFTER_HAN.test(line))).toEqual([])
  })

  it('needs no script and brings no style of its own', () => {
    expect(page).not.toMatch(/<script|<style|\sstyle=|\son\w+=/)
  })
})
