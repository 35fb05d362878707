// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest'

import { BigButton, CheckList, LicenceCard, Portrait, QrCode, VerdictBanner } from '../src'
import { watermarkTile } from '../src/watermark'
import { mount } from './mount'

describe('the verdict banner', () => {
  it('says the state by word, sign and data, and announces it', async () => {
    const { root } = await mount(VerdictBanner, { tone: 'bad', standing: 'invalid', word: '已吊销', tail: '', subject: '从业资格证', chips: ['联机核验'] })
    const verdict = root.querySelector('[data-testid=verdict]')
    expect(verdict?.getAttribute('data-standing')).toBe('invalid')
    expect(verdict?.getAttribute('role')).toBe('status')
    expect(root.querySelector('h1')?.textContent).toBe('已吊销')
    expect(root.querySelector('svg path')).not.toBeNull()
    expect(root.querySelector('li')?.textContent).toBe('联机核验')
  })

  it('steps a long word down instead of breaking it', async () => {
    const { root } = await mount(VerdictBanner, { tone: 'bad', standing: 'invalid', word: '平台记录与证照文件不一致' })
    expect(root.querySelector('h1')?.className).toBe('long')
  })
})

describe('a big button', () => {
  it('presses once, and not while it works or is blocked', async () => {
    const press = vi.fn()
    const refused = vi.fn()
    const free = await mount(BigButton, { onPress: press }, '开始')
    free.root.querySelector('button')?.click()
    expect(press).toHaveBeenCalledTimes(1)
    const busy = await mount(BigButton, { busy: true, onPress: press }, '开始')
    busy.root.querySelector('button')?.click()
    const blocked = await mount(BigButton, { blocked: true, onPress: press, onRefused: refused }, '开始')
    blocked.root.querySelector('button')?.click()
    expect(press).toHaveBeenCalledTimes(1)
    expect(refused).toHaveBeenCalledTimes(1)
    expect(busy.root.querySelector('button')?.getAttribute('aria-busy')).toBe('true')
    expect(blocked.root.querySelector('button')?.getAttribute('aria-disabled')).toBe('true')
  })
})

describe('the list of checks', () => {
  it('has a line for each, with its result in words; an unknown result is no pass', async () => {
    const items = [
      { id: 'status', label: '证照状态', result: 'fail', resultWord: '不通过', note: '已吊销' },
      { id: 'new', label: '新的一项', result: 'maybe', resultWord: '无法确认' },
    ]
    const { root } = await mount(CheckList, { items })
    expect(root.querySelector('[data-testid=check-status]')?.textContent).toContain('不通过')
    expect(root.querySelector('[data-testid=check-status] .dot')?.className).toContain('bad')
    expect(root.querySelector('[data-testid=check-new] .dot')?.className).toContain('warn')
  })
})

describe('a QR code', () => {
  it('is dark on white with a quiet zone, and named', async () => {
    const { root } = await mount(QrCode, { text: 'LZ1:ABC', label: '证照出示码' })
    const svg = root.querySelector('svg')
    expect(svg?.getAttribute('aria-label')).toBe('证照出示码')
    expect(root.querySelector('rect')?.getAttribute('fill')).toBe('#fff')
    const size = Number(svg?.getAttribute('viewBox')?.split(' ')[2])
    const columns = Array.from(root.querySelector('path')?.getAttribute('d')?.matchAll(/M(\d+) /g) ?? [], (match) => Number(match[1]))
    expect(Math.min(...columns)).toBe(4)
    expect(Math.max(...columns)).toBeLessThan(size - 4)
  })
})

describe('personal data', () => {
  it('a hidden portrait keeps its picture, so that it is not fetched (and logged) again', async () => {
    const { root } = await mount(Portrait, { src: '/photo', alt: '照片', hidden: true })
    const picture = root.querySelector('img')
    expect(picture?.getAttribute('src')).toBe('/photo')
    expect(picture?.style.display).toBe('none')
  })

  it('a licence without a photo shows none', async () => {
    const { root } = await mount(LicenceCard, { name: '海云公司', rows: [{ label: '编号', value: '1' }], withPhoto: false })
    expect(root.querySelector('.portrait')).toBeNull()
    expect(root.textContent).toContain('海云公司')
  })

  it('a watermark cannot be used to write markup', () => {
    const drawn = watermarkTile('<script>&"', 'dark')
    expect(decodeURIComponent(drawn)).toContain('&lt;script&gt;&amp;')
    expect(drawn.slice(5, -2)).not.toMatch(/["<>]/)
  })
})
