import { onBeforeUnmount, onMounted } from 'vue'

/** Runs `look` every `seconds` while the page is in front and `wanted` says so; never two at a time. `look` deals with its own failures. */
export function usePoll(look: () => Promise<unknown>, seconds: number, wanted: () => boolean): void {
  let timer = 0
  let looking = false

  async function tick(): Promise<void> {
    if (looking || document.hidden || !wanted()) return
    looking = true
    try {
      await look()
    } finally {
      looking = false
    }
  }

  onMounted(() => (timer = window.setInterval(() => void tick(), seconds * 1000)))
  onBeforeUnmount(() => {
    window.clearInterval(timer)
  })
}
