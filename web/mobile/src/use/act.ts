import { computed, type ComputedRef, type Ref } from 'vue'
import { useRoute } from 'vue-router'

import type { ApiError } from '../api/problem'
import type { Act } from '../api/types'
import { useActs } from '../stores/acts'
import { useLoad } from './load'

/** The act named by the address: shown at once when it is known, and read anew. */
export function useAct(): { id: string; act: ComputedRef<Act | null>; error: Ref<ApiError | null>; loading: Ref<boolean>; reload: () => Promise<void> } {
  const store = useActs()
  const id = String(useRoute().params.id)
  const { error, loading, reload } = useLoad(() => store.readAct(id))
  return { id, act: computed(() => store.acts.get(id) ?? null), error, loading, reload }
}
