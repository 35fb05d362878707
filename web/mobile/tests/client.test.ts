// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi, type Mock } from 'vitest'

import { call, listen, newKey } from '../src/api/client'
import { ApiError, problemFrom } from '../src/api/problem'
import { useAction } from '../src/use/action'

type Fetch = (url: string, init: RequestInit) => Promise<Response>
let fetched: Mock<Fetch>

const json = (body: unknown, status = 200, type = 'application/json'): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': type } })
const problem = (status: number, code: string): Response => json({ code, detail: '不行' }, status, 'application/problem+json')
const headersOf = (request: number): Headers => fetched.mock.calls[request]?.[1].headers as Headers

async function failure(run: Promise<unknown>): Promise<ApiError> {
  try {
    await run
  } catch (error) {
    if (error instanceof ApiError) return error
  }
  throw new Error('it should have failed with an ApiError')
}

beforeEach(() => {
  fetched = vi.fn<Fetch>()
  vi.stubGlobal('fetch', fetched)
  document.cookie = 'csrftoken=abc; path=/'
})

afterEach(() => {
  vi.unstubAllGlobals()
  document.cookie = 'csrftoken=; path=/; max-age=0'
})

describe('a call', () => {
  it('sends cookie, CSRF token and idempotency key to its own address only', async () => {
    fetched.mockResolvedValueOnce(json({ id: '1' }))
    await call('/acts', { method: 'POST', body: { place: 'x' }, key: 'k1' })
    const [url, init] = fetched.mock.calls[0] ?? []
    expect(url).toBe('/api/v1/acts')
    expect(init?.credentials).toBe('same-origin')
    expect(headersOf(0).get('X-CSRFToken')).toBe('abc')
    expect(headersOf(0).get('Idempotency-Key')).toBe('k1')
  })

  it('asks for a CSRF token first when there is none', async () => {
    document.cookie = 'csrftoken=; path=/; max-age=0'
    fetched.mockImplementationOnce(() => {
      document.cookie = 'csrftoken=fresh; path=/'
      return Promise.resolve(json({ me: null }))
    })
    fetched.mockResolvedValueOnce(json({}))
    await call('/session', { method: 'POST', body: {} })
    expect(fetched.mock.calls.map(([url]) => url)).toEqual(['/api/v1/session', '/api/v1/session'])
    expect(headersOf(1).get('X-CSRFToken')).toBe('fresh')
  })

  it('turns a problem document into its code, words and facts', async () => {
    fetched.mockResolvedValueOnce(json({ code: 'officers_not_shown', detail: '还没有出示', rule: 'R02' }, 409, 'application/problem+json'))
    const error = await failure(call('/acts'))
    expect([error.code, error.status, error.detail, error.facts.rule, error.outcomeUnknown]).toEqual(['officers_not_shown', 409, '还没有出示', 'R02', false])
  })

  it('knows no network, no answer in time, a broken answer and a crashed server apart', async () => {
    fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'))
    expect((await failure(call('/acts'))).code).toBe('offline')
    fetched.mockRejectedValueOnce(new DOMException('late', 'TimeoutError'))
    expect((await failure(call('/acts'))).code).toBe('timeout')
    fetched.mockResolvedValueOnce(new Response('{"a":', { headers: { 'Content-Type': 'application/json' } }))
    expect((await failure(call('/acts'))).code).toBe('offline')
    fetched.mockResolvedValueOnce(new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'Content-Type': 'text/html' } }))
    expect((await failure(call('/acts'))).code).toBe('server_error')
    fetched.mockResolvedValueOnce(new Response('<h1>Login to Wi-Fi</h1>', { headers: { 'Content-Type': 'text/html' } }))
    expect((await failure(call('/acts'))).code).toBe('unexpected_answer')
  })

  it('tells when the session has ended, but not for the question whether there is one', async () => {
    const signedOut = vi.fn()
    listen({ signedOut })
    fetched.mockResolvedValue(problem(403, 'not_signed_in'))
    await failure(call('/session'))
    expect(signedOut).not.toHaveBeenCalled()
    fetched.mockResolvedValue(problem(403, 'not_signed_in'))
    await failure(call('/acts'))
    expect(signedOut).toHaveBeenCalledTimes(1)
  })

  it('reports the clock of the server', async () => {
    const clock = vi.fn()
    listen({ clock })
    fetched.mockResolvedValueOnce(new Response('{}', { headers: { 'Content-Type': 'application/json', Date: new Date(Date.now() + 90_000).toUTCString() } }))
    await call('/acts')
    expect(Math.round((clock.mock.calls[0]?.[0] as number) / 10_000)).toBe(9)
  })

  it('makes keys also where randomUUID is missing', () => {
    vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array) => bytes.fill(255) })
    expect(newKey()).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff')
  })

  it('never takes a body without a code for the server’s word', () => {
    expect(problemFrom(409, { detail: 'x' }).code).toBe('unexpected_answer')
    expect(problemFrom(500, null).code).toBe('server_error')
  })
})

describe('an action', () => {
  it('runs once for a double tap', async () => {
    const run = vi.fn((_key: string) => Promise.resolve('done'))
    const action = useAction(run)
    const both = await Promise.all([action.start(), action.start()])
    expect(both).toEqual(['done', undefined])
    expect(run).toHaveBeenCalledTimes(1)
  })

  it('repeats its key after an unknown outcome, and only then', async () => {
    const keys: string[] = []
    const outcomes = [new ApiError('offline', 0), new ApiError('server_error', 500), null, new ApiError('officers_not_shown', 409), null]
    const action = useAction((key: string, _code: string) => {
      const outcome = outcomes[keys.push(key) - 1] ?? null
      return outcome === null ? Promise.resolve('ok') : Promise.reject(outcome)
    })
    await action.start('A')
    expect(action.error.value?.code).toBe('offline')
    await action.again()
    await action.start('A')
    expect(action.error.value).toBeNull()
    await action.start('A')
    await action.start('A')
    expect(keys[0]).toBe(keys[1])
    expect(keys[1]).toBe(keys[2])
    expect(new Set(keys.slice(2)).size).toBe(3)
  })

  it('takes another code for another action', async () => {
    const keys: string[] = []
    const action = useAction((key: string, _code: string) => {
      keys.push(key)
      return Promise.reject(new ApiError('timeout', 0))
    })
    await action.start('A')
    await action.start('B')
    expect(keys[0]).not.toBe(keys[1])
  })

  it('lets a mistake of the program through', async () => {
    const action = useAction(() => Promise.reject(new RangeError('bug')))
    await expect(action.start()).rejects.toThrow(RangeError)
    expect(action.busy.value).toBe(false)
  })
})
