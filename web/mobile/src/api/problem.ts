/** Why a request did not succeed, as one type. `code` is stable: the server's, or one of the four that only a phone can know. */

export type LocalCode = 'offline' | 'timeout' | 'unexpected_answer' | 'server_error'

export class ApiError extends Error {
  constructor(
    readonly code: string,
    /** 0 when no answer came. */
    readonly status: number,
    /** The server's sentence in Chinese; empty when it gave none. */
    readonly detail = '',
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${code} (${String(status)})`)
    this.name = 'ApiError'
  }

  /** The server may or may not have done it: the same idempotency key must be sent again. */
  get outcomeUnknown(): boolean {
    return this.status === 0 || this.status >= 500
  }

  get isOffline(): boolean {
    return this.status === 0
  }
}

/** Reads a problem document (RFC 9457); anything else from a proxy or a crash becomes a local code. */
export function problemFrom(status: number, body: unknown): ApiError {
  if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string') {
    const { code, detail, ...facts } = body as Record<string, unknown> & { code: string }
    return new ApiError(code, status, typeof detail === 'string' ? detail : '', facts)
  }
  return new ApiError(status >= 500 ? 'server_error' : 'unexpected_answer', status)
}
