/** 二维码不能替人选择打开哪里: of more than a thousand texts that want to lead elsewhere none is followed. */
import { describe, expect, it } from 'vitest'

import { badgePath } from '../src/holder/badgeAddress'

const OURS = 'https://liangzheng.example:8443'
const TOKEN = 'AQF-_' + 'A'.repeat(60)
const GOOD = `${OURS}/b/${TOKEN}`

const SCHEMES = ['http', 'HTTPS', 'https:', 'javascript', 'data', 'file', 'ftp', 'intent', 'weixin', 'alipays', 'market', 'ws', 'blob', 'view-source', '']
const HOSTS = [
  'evil.example',
  'liangzheng.example.evil.example:8443',
  'evil-liangzheng.example:8443',
  'liangzheng.example:8443@evil.example',
  'liangzheng.example:8443%40evil.example',
  'liangzheng.example:844',
  'liangzheng.example:84430',
  'liangzheng.example',
  'liangzheng.example.:8443',
  'LIANGZHENG.example:8443',
  'liangzhɘng.example:8443',
  'lіangzheng.example:8443',
  'xn--lingzheng-71a.example:8443',
  'liangzheng。example:8443',
  'liangzheng.example：8443',
  'liangzheng.example:8443#@evil.example',
  'liangzheng.example:8443?@evil.example',
  'liangzheng.example:8443\\evil.example',
  '[::1]:8443',
  '2130706433',
  '0x7f000001',
]
const PATHS = ['/b/', '/B/', '//b/', '/b//', '/b/../', '/b/%2e%2e/', '/b/..%2f', '/b\\', '/x/b/', '/b/?t=']
const TAILS = ['?', '#', '/', '/..', '?next=//evil.example', '#//evil.example', '%00', '\n', '\r\nSet-Cookie: a=b', '\t', ' ', '\u0000', '\u200b', '\u202e', '.', '~', '*', '{{7*7}}', "'\"><script>alert(1)</script>", '中', '＿']

function hostile(): string[] {
  const elsewhere = SCHEMES.flatMap((scheme) => HOSTS.flatMap((host) => PATHS.slice(0, 4).map((path) => `${scheme}://${host}${path}${TOKEN}`)))
  const wrongPaths = PATHS.slice(1).map((path) => `${OURS}${path}${TOKEN}`)
  const spoilt = TAILS.flatMap((tail) => [`${GOOD}${tail}`, `${tail}${GOOD}`, `${OURS}/b/${tail}${TOKEN}`])
  const others = ['', OURS, `${OURS}/b/`, `${OURS}/b/${'A'.repeat(401)}`, `x${GOOD}`, GOOD.toUpperCase(), GOOD.split('').reverse().join(''), 'tel:110', 'sms:110', 'WIFI:T:WPA;S:a;P:b;;', 'A'.repeat(7000)]
  return [...elsewhere, ...wrongPaths, ...spoilt, ...others].filter((text) => text !== GOOD)
}

describe('a text from a code', () => {
  it('is followed when it is our own badge', () => {
    expect(badgePath(GOOD, OURS)).toBe(`/b/${TOKEN}`)
    expect(badgePath(`http://[::1]:8000/b/${TOKEN}`, 'http://[::1]:8000')).toBe(`/b/${TOKEN}`)
  })

  it('is never followed anywhere else', () => {
    const texts = new Set(hostile())
    expect(texts.size).toBeGreaterThan(1000)
    expect([...texts].filter((text) => badgePath(text, OURS) !== null)).toEqual([])
  })

  it('would be, by a check that only looks for our name (control)', () => {
    expect(hostile().filter((text) => text.includes('liangzheng.example:8443') && text.includes('/b/')).length).toBeGreaterThan(100)
  })
})
