import { ref, type Ref } from 'vue'

import { newKey } from '../api/client'
import { ApiError } from '../api/problem'

export interface Action<A extends unknown[], R> {
  /** Resolves to undefined when it failed (see `error`) or while an earlier start is still running. */
  start: (...args: A) => Promise<R | undefined>
  /** The last start once more, under the same key. */
  again: () => Promise<R | undefined>
  busy: Ref<boolean>
  error: Ref<ApiError | null>
}

/**
 * One thing a person does with one button. A double tap is one start; a retry after an unknown outcome repeats the same idempotency key;
 * after an answer, or with other arguments, the next start is a new action with a new key.
 */
export function useAction<A extends unknown[], R>(run: (key: string, ...args: A) => Promise<R>): Action<A, R> {
  const busy = ref(false)
  const error: Ref<ApiError | null> = ref(null)
  let pending: { key: string; args: A } | null = null
  let last: A | null = null

  async function start(...args: A): Promise<R | undefined> {
    if (busy.value) return undefined
    if (pending === null || fingerprint(pending.args) !== fingerprint(args)) pending = { key: newKey(), args }
    last = args
    busy.value = true
    error.value = null
    try {
      const result = await run(pending.key, ...args)
      pending = null
      return result
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem
      error.value = problem
      if (!problem.outcomeUnknown) pending = null
      return undefined
    } finally {
      busy.value = false
    }
  }

  const again = (): Promise<R | undefined> => (last === null ? Promise.resolve(undefined) : start(...last))
  return { start, again, busy, error }
}

function fingerprint(args: unknown[]): string {
  return JSON.stringify(args, (_name, value: unknown) => (value instanceof File ? [value.name, value.size, value.lastModified] : value))
}
