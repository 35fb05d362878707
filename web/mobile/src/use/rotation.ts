import { secondsLeft } from '@liangzheng/core'
import { computed, onBeforeUnmount, onMounted, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'

import { ApiError } from '../api/problem'

/** A new code is fetched this long before the old one lapses, so that one being scanned is never about to die. */
const RENEW_AT_SECONDS = 8
const RETRY_MS = 3000

export interface Rotation<T> {
  current: ShallowRef<T | null>
  /** Seconds the shown code still lives; 0 when it has lapsed and must not be shown. */
  left: ComputedRef<number>
  error: Ref<ApiError | null>
  renew: () => Promise<void>
}

/** Keeps a short-lived code fresh. Counts from the moment of the answer, because a phone's own clock may be wrong. */
export function useRotation<T extends { lifetime: number }>(make: () => Promise<T>): Rotation<T> {
  const current: ShallowRef<T | null> = shallowRef(null)
  const error: Ref<ApiError | null> = ref(null)
  const deadline = ref(0)
  const now = ref(performance.now())
  const left = computed(() => secondsLeft(deadline.value, now.value))
  let timer = 0
  let asking = false
  let retryAt = 0

  async function renew(): Promise<void> {
    if (asking) return
    asking = true
    const asked = performance.now()
    try {
      const next = await make()
      current.value = next
      deadline.value = asked + next.lifetime * 1000
      error.value = null
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem
      error.value = problem
      retryAt = problem.outcomeUnknown ? performance.now() + RETRY_MS : Number.POSITIVE_INFINITY
    } finally {
      asking = false
      now.value = performance.now()
    }
  }

  function tick(): void {
    now.value = performance.now()
    if (document.hidden || left.value > RENEW_AT_SECONDS) return
    if (error.value === null || now.value >= retryAt) void renew()
  }

  onMounted(() => {
    void renew()
    timer = window.setInterval(tick, 500)
    document.addEventListener('visibilitychange', tick)
  })
  onBeforeUnmount(() => {
    window.clearInterval(timer)
    document.removeEventListener('visibilitychange', tick)
  })
  return { current, left, error, renew }
}
