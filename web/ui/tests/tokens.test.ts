import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('../src/tokens.css', import.meta.url), 'utf8')

function declarations(selector: string): string[] {
  const block = css.slice(css.indexOf(`${selector} {`) + selector.length + 2)
  return block
    .slice(0, block.indexOf('}'))
    .split(';')
    .map((line) => line.trim())
    .filter(Boolean)
}

describe('the colours', () => {
  it('of the dark look are the same whether the system or the person chose it', () => {
    expect(declarations(":root[data-theme='dark']")).toEqual(declarations(":root:not([data-theme='light'])"))
  })

  it('never name system-ui, which sets digits in another face', () => {
    expect(css.match(/--font:[^;]*/g)?.join(' ')).not.toContain('system-ui')
  })
})
