// @vitest-environment happy-dom
import { createPinia } from 'pinia'
import { createApp, defineComponent, h, nextTick, type App } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Act } from '../src/api/types'
import AdviceBox from '../src/officer/AdviceBox.vue'
import { stepsOf } from '../src/officer/steps'
import ValueRow from '../src/officer/ValueRow.vue'
import ProblemNote from '../src/shell/ProblemNote.vue'
import { ApiError } from '../src/api/problem'
import { usePrivacy } from '../src/use/privacy'
import { useRotation } from '../src/use/rotation'
import { i18n } from '../src/words'

let app: App | null = null

async function show(component: unknown, props: Record<string, unknown> = {}): Promise<HTMLElement> {
  const root = document.createElement('div')
  app = createApp(() => h(component as never, props))
  app.use(createPinia()).use(i18n).mount(root)
  await nextTick()
  return root
}

async function inside<T>(use: () => T): Promise<T> {
  let result: T | undefined
  await show(
    defineComponent(() => {
      result = use()
      return () => null
    }),
  )
  return result as T
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  app?.unmount()
  vi.useRealTimers()
})

describe('advice', () => {
  const said = { word: '已吊销', tail: '', tone: 'bad', cause: '原因。' } as const

  it('gives the party’s right a line of its own', async () => {
    const root = await show(AdviceBox, { head: { ...said, next: '不得据此认定资质。当事人有异议的，记入笔录。' } })
    expect([...root.querySelectorAll('dd')].map((line) => line.textContent)).toEqual(['原因。', '不得据此认定资质。', '当事人有异议的，记入笔录。'])
  })

  it('names it on a red result even when the table forgets', async () => {
    const root = await show(AdviceBox, { head: { ...said, next: '请重扫。' } })
    expect(root.textContent).toContain('陈述、申辩')
  })
})

describe('the origin of a value', () => {
  const value = { field: 'person_name', group: '人员', label: '姓名', value: '张三丰', editable: true }
  const source = { licence_type_label: '从业资格证', licence_field: '姓名', scan_id: '1', standing: 'valid', at: '2026-11-22T06:32:06Z', mode: 'online' }

  it('is told for a filled one, and doubted when its licence was not valid', async () => {
    const good = await show(ValueRow, { value: { ...value, kind: 'filled', source }, closed: false })
    expect(good.textContent).toContain('取自从业资格证的“姓名”')
    const doubtful = await show(ValueRow, { value: { ...value, kind: 'filled', source: { ...source, standing: 'cannot_confirm' } }, closed: false })
    expect(doubtful.querySelector('.mark')?.className).toContain('doubtful')
  })

  it('keeps the old value and the reason of a change', async () => {
    const root = await show(ValueRow, { value: { ...value, kind: 'edited', previous: '张三', reason: '证照有误' }, closed: false })
    expect(root.textContent).toContain('原为“张三”')
    expect(root.textContent).toContain('证照有误')
  })

  it('shows a conflict and cannot be edited while the gate is closed', async () => {
    const root = await show(ValueRow, { value: { ...value, kind: 'filled', source, conflict: [{ value: '张三风', licence_type_label: '导游证' }] }, closed: true })
    expect(root.querySelector('[role=note]')?.textContent).toContain('导游证：张三风')
    expect(root.querySelector('button')).toBeNull()
  })
})

describe('a problem', () => {
  it('offers a retry only when the outcome is unknown', async () => {
    const unknown = await show(ProblemNote, { error: new ApiError('offline', 0), onRetry: () => undefined })
    expect(unknown.querySelector('[data-testid=problem-retry]')).not.toBeNull()
    const refused = await show(ProblemNote, { error: new ApiError('officers_not_shown', 409, '还没有出示。'), onRetry: () => undefined })
    expect(refused.querySelector('[data-testid=problem-retry]')).toBeNull()
    expect(refused.textContent).toContain('还没有出示。')
  })
})

describe('the steps of an act', () => {
  const item = (state: string): unknown => ({ state })
  const act = (gate: boolean, states: string[], documents: number, exhibits: number): Act =>
    ({ gate: { open: gate }, checklist: states.map(item), documents: Array(documents).fill({}), exhibits: Array(exhibits).fill({}) }) as unknown as Act

  it.each([
    ['just opened', act(false, ['missing'], 0, 0), 'now todo todo todo'],
    ['badges shown', act(true, ['met', 'missing'], 0, 0), 'done now todo todo'],
    ['an exemption and a paper licence settle', act(true, ['met', 'exempt', 'physical'], 0, 0), 'done done now todo'],
    ['evidence before the record', act(true, ['invalid'], 0, 1), 'done done now done'],
    ['all', act(true, ['met'], 1, 1), 'done done done done'],
  ])('%s', (_name, given, states) => {
    expect(
      stepsOf(given)
        .map((step) => step.state)
        .join(' '),
    ).toBe(states)
  })
})

describe('personal data on the screen', () => {
  it('hides after 30 seconds and comes back on request', async () => {
    const privacy = await inside(usePrivacy)
    vi.advanceTimersByTime(29_000)
    expect(privacy.hidden.value).toBe(false)
    vi.advanceTimersByTime(1_000)
    expect(privacy.hidden.value).toBe(true)
    privacy.show()
    expect([privacy.hidden.value, privacy.left.value]).toEqual([false, 30])
  })
})

describe('a rotating code', () => {
  it('is renewed before it lapses', async () => {
    const make = vi.fn(() => Promise.resolve({ lifetime: 60 }))
    const code = await inside(() => useRotation(make))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(make).toHaveBeenCalledTimes(1)
    expect(code.left.value).toBe(59)
    await vi.advanceTimersByTimeAsync(50_000)
    expect(make).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(make).toHaveBeenCalledTimes(2)
    expect(code.left.value).toBeGreaterThan(55)
  })

  it('lapses when no new one comes, asks again after a while, and stops after a refusal', async () => {
    const make = vi.fn(() => Promise.resolve({ lifetime: 20 }))
    const code = await inside(() => useRotation(make))
    await vi.advanceTimersByTimeAsync(500)
    make.mockRejectedValue(new ApiError('offline', 0))
    await vi.advanceTimersByTimeAsync(25_000)
    expect(code.left.value).toBe(0)
    expect(make.mock.calls.length).toBeGreaterThan(3)
    make.mockRejectedValue(new ApiError('licence_not_found', 404))
    await vi.advanceTimersByTimeAsync(4_000)
    const asked = make.mock.calls.length
    await vi.advanceTimersByTimeAsync(20_000)
    expect(make.mock.calls.length).toBe(asked)
  })
})
