/** What a phone keeps for reading without signal goes when its term is over, asked for or not. */
import 'fake-indexeddb/auto'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { heardServerTime } from '../src/offline/clock'
import { forgetOld, recall, remember } from '../src/offline/memory'
import { closeVault, openVault, wipeVault } from '../src/offline/vault'

const DAY = 86_400_000
const START = Date.UTC(2026, 10, 1)
const names = async (): Promise<string[]> => (await (await openVault()).getAllKeys('facts')).filter((name) => name.startsWith('mine '))

beforeEach(async () => {
  await wipeVault()
  heardServerTime(START)
})
afterEach(closeVault)

test('what was kept a week ago is deleted, what is younger stays', async () => {
  await remember('act 1', { place: '演示路段' })
  heardServerTime(START + 6 * DAY)
  await remember('act 2', { place: '演示路段' })
  await forgetOld()
  expect(await names()).toEqual(['mine act 1', 'mine act 2'])
  heardServerTime(START + 7.1 * DAY)
  expect(await recall('act 1')).toBeNull()
  expect(await names(), 'control: not returning it is not deleting it').toContain('mine act 1')
  await forgetOld()
  expect(await names()).toEqual(['mine act 2'])
  expect(await recall('act 2')).toEqual({ place: '演示路段' })
})
