import { describe, expect, it } from 'vitest'

import { clock, day, dayAndClock, daysLeft, hideValue, maskName, nearClock, secondsLeft, serverOffset, shortClock, shortMask } from '../src'

const LATE = new Date('2026-11-22T16:30:05Z')

describe('times are told in Asia/Shanghai', () => {
  it('even when it is still yesterday in UTC', () => {
    expect(day(LATE)).toBe('2026-11-23')
    expect(clock(LATE)).toBe('00:30:05')
    expect(dayAndClock(LATE)).toBe('2026-11-23 00:30')
  })

  it('today with the clock alone, another day with its date', () => {
    expect(nearClock(new Date('2026-11-23T06:00:00Z'), LATE)).toBe('14:00')
    expect(nearClock(new Date('2026-11-22T06:00:00Z'), LATE)).toBe('2026-11-22 14:00')
    expect(shortClock(new Date('2026-11-22T16:00:00Z'))).toBe('00:00')
  })

  it.each([
    ['2026-11-23', 0],
    ['2026-11-24', 1],
    ['2026-11-22', -1],
    ['2026-12-23', 30],
  ])('until %s there are %i days left', (until, days) => {
    expect(daysLeft(until, LATE)).toBe(days)
  })
})

describe('counting', () => {
  it('rounds seconds up and stops at nought', () => {
    expect([secondsLeft(60_000, 0), secondsLeft(1, 0), secondsLeft(0, 0), secondsLeft(0, 5_000)]).toEqual([60, 1, 0, 0])
  })

  it('finds how far the phone is off', () => {
    const header = 'Sun, 22 Nov 2026 16:30:05 GMT'
    expect(serverOffset(header, LATE.getTime() + 500)).toBe(0)
    expect(serverOffset(header, LATE.getTime() - 120_000)).toBe(120_500)
    expect(serverOffset(null, 0)).toBeNull()
    expect(serverOffset('soon', 0)).toBeNull()
  })
})

describe('hiding', () => {
  it.each([
    ['张三丰', '张＊丰'],
    ['马骏', '马＊'],
    ['马', '＊'],
    ['烟台海云客运有限公司', '烟＊＊＊＊＊＊＊＊司'],
    ['𠮷野家', '𠮷＊家'],
  ])('%s becomes %s', (name, masked) => {
    expect(maskName(name)).toBe(masked)
  })

  it('tells nothing of a value and shortens a long mask', () => {
    expect(hideValue()).not.toMatch(/\d/)
    expect(shortMask('3799**********0022')).toBe('3799****0022')
    expect(shortMask('3799****0022')).toBe('3799****0022')
  })
})
