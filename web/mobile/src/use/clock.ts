import { computed, onBeforeUnmount, onMounted, ref, type ComputedRef } from 'vue'

import { useSettings } from '../stores/settings'

/** The server's time, ticking every second. */
export function useClock(): ComputedRef<Date> {
  const settings = useSettings()
  const phone = ref(Date.now())
  let timer = 0
  onMounted(() => (timer = window.setInterval(() => (phone.value = Date.now()), 1000)))
  onBeforeUnmount(() => {
    window.clearInterval(timer)
  })
  return computed(() => new Date(phone.value + settings.clockOffset))
}
