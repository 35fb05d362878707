import { onMounted, ref, shallowRef, type Ref, type ShallowRef } from 'vue'

import { ApiError } from '../api/problem'

export interface Loaded<T> {
  data: ShallowRef<T | null>
  error: Ref<ApiError | null>
  loading: Ref<boolean>
  reload: () => Promise<void>
}

/** Reads once when the page opens; `reload` keeps what is shown until the new answer is there. */
export function useLoad<T>(read: () => Promise<T>): Loaded<T> {
  const data: ShallowRef<T | null> = shallowRef(null)
  const error: Ref<ApiError | null> = ref(null)
  const loading = ref(false)

  async function reload(): Promise<void> {
    loading.value = true
    try {
      data.value = await read()
      error.value = null
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem
      error.value = problem
    } finally {
      loading.value = false
    }
  }

  onMounted(reload)
  return { data, error, loading, reload }
}
