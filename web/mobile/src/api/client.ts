/** One small fetch client: same-origin session cookie, CSRF header, idempotency key, ten-second limit, problem documents as errors. */
import { serverOffset } from '@liangzheng/core'

import { ApiError, problemFrom } from './problem'

const PREFIX = '/api/v1'
const LIMIT_MS = 10_000
/** A licence file may be 10 MB on a slow uplink. */
const UPLOAD_LIMIT_MS = 60_000
const UNAUTHORIZED = 401

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly body?: unknown
  readonly file?: File
  /** Idempotency key of a user action. */
  readonly key?: string
  /** Milliseconds to wait for an answer, where ten seconds are too long. */
  readonly limit?: number
}

interface Listeners {
  /** Milliseconds by which the server's clock is ahead. */
  clock: (offset: number) => void
  /** Whether the last request found the server. */
  reached: (isReached: boolean) => void
  signedOut: () => void
  /** This device was revoked: nothing it keeps may be used any longer. */
  revoked: () => void
  /** The device has to sign a challenge again before the session goes on; resolves to whether it did. */
  prove: () => Promise<boolean>
}

const nothing = (): void => undefined
const listeners: Listeners = { clock: nothing, reached: nothing, signedOut: nothing, revoked: nothing, prove: () => Promise.resolve(false) }

export function listen(on: Partial<Listeners>): void {
  Object.assign(listeners, on)
}

/** A random UUID. `crypto.randomUUID` exists only in secure contexts, and a phone on a test network may use plain http. */
export function newKey(): string {
  if ('randomUUID' in crypto) return crypto.randomUUID()
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export async function call<T>(path: string, { method = 'GET', body, file, key, limit }: Call = {}): Promise<T> {
  const headers = new Headers({ Accept: 'application/json' })
  if (method !== 'GET') headers.set('X-CSRFToken', await csrfToken())
  if (key !== undefined) headers.set('Idempotency-Key', key)
  let content: BodyInit | undefined
  if (file !== undefined) {
    const form = new FormData()
    form.append('file', file)
    content = form
  } else if (body !== undefined) {
    headers.set('Content-Type', 'application/json')
    content = JSON.stringify(body)
  }
  const response = await proven(PREFIX + path, { method, headers, ...(content === undefined ? {} : { body: content }) }, limit ?? (file === undefined ? LIMIT_MS : UPLOAD_LIMIT_MS))
  return (await answer(response, path)) as T
}

/** Reads something that is not JSON, with its headers. */
export async function callBytes(path: string): Promise<{ data: Uint8Array; headers: Headers }> {
  const response = await proven(PREFIX + path, { method: 'GET' }, UPLOAD_LIMIT_MS)
  if (!response.ok) await answer(response, path)
  try {
    return { data: new Uint8Array(await response.arrayBuffer()), headers: response.headers }
  } catch {
    throw new ApiError('offline', 0)
  }
}

let proving: Promise<boolean> | null = null

/** Sends; when the session's device has to prove itself again, it does so once for all that wait, and the request goes again. */
async function proven(url: string, init: RequestInit, limit: number): Promise<Response> {
  const response = await send(url, init, limit)
  if (response.status !== UNAUTHORIZED || problemFrom(response.status, await readJson(response.clone())).code !== 'device_proof') return response
  proving ??= listeners.prove().finally(() => {
    proving = null
  })
  return (await proving) ? send(url, init, limit) : response
}

async function send(url: string, init: RequestInit, limit: number): Promise<Response> {
  try {
    const response = await fetch(url, { ...init, credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(limit) })
    listeners.reached(response.status < 500)
    const offset = serverOffset(response.headers.get('Date'), Date.now())
    if (offset !== null) listeners.clock(offset)
    return response
  } catch (error) {
    listeners.reached(false)
    if (error instanceof DOMException && error.name === 'TimeoutError') throw new ApiError('timeout', 0)
    if (error instanceof TypeError) throw new ApiError('offline', 0)
    throw error
  }
}

async function answer(response: Response, path: string): Promise<unknown> {
  if (response.status === 204) return undefined
  const isJson = /\bjson\b/.test(response.headers.get('Content-Type') ?? '')
  const body: unknown = isJson ? await readJson(response) : undefined
  if (response.ok && isJson) return body
  const problem = problemFrom(response.status, body)
  if (problem.code === 'device_revoked') listeners.revoked()
  if (problem.code === 'not_signed_in' && path !== '/session') listeners.signedOut()
  throw problem
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    // Cut off while the body was under way: the server did answer, so nobody knows what it did.
    throw new ApiError('offline', 0)
  }
}

/** Django sets the cookie on `GET /session`; a phone that posts first asks for it. */
async function csrfToken(): Promise<string> {
  const present = cookie('csrftoken')
  if (present !== '') return present
  await send(`${PREFIX}/session`, { method: 'GET' }, LIMIT_MS)
  return cookie('csrftoken')
}

function cookie(name: string): string {
  const entry = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`))
  return entry === undefined ? '' : decodeURIComponent(entry.slice(name.length + 1))
}
