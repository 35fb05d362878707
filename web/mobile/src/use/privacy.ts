import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

const SHOWN_SECONDS = 30

/** Personal data is shown for 30 seconds, then hidden until someone asks for it again; leaving the app hides it at once. */
export function usePrivacy(): { hidden: Ref<boolean>; left: Ref<number>; show: () => void } {
  const hidden = ref(false)
  const left = ref(SHOWN_SECONDS)
  let timer = 0

  function show(): void {
    hidden.value = false
    left.value = SHOWN_SECONDS
  }

  function tick(): void {
    if (hidden.value) return
    left.value -= 1
    if (left.value <= 0) hidden.value = true
  }

  function hideWhenLeft(): void {
    if (document.hidden) hidden.value = true
  }

  onMounted(() => {
    timer = window.setInterval(tick, 1000)
    document.addEventListener('visibilitychange', hideWhenLeft)
  })
  onBeforeUnmount(() => {
    window.clearInterval(timer)
    document.removeEventListener('visibilitychange', hideWhenLeft)
  })
  return { hidden, left, show }
}
