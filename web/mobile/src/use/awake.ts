import { onBeforeUnmount, onMounted } from 'vue'

/** Keeps the screen on while a code is shown, where the browser can. */
export function useAwake(): void {
  let lock: WakeLockSentinel | null = null
  let gone = false

  async function hold(): Promise<void> {
    if (!('wakeLock' in navigator) || document.hidden) return
    try {
      lock = await navigator.wakeLock.request('screen')
    } catch (error) {
      // Low battery or a policy of the device: the code is shown all the same.
      if (!(error instanceof DOMException)) throw error
    }
    if (gone) void lock?.release()
  }

  const onReturn = (): void => void hold()
  onMounted(() => {
    void hold()
    document.addEventListener('visibilitychange', onReturn)
  })
  onBeforeUnmount(() => {
    gone = true
    document.removeEventListener('visibilitychange', onReturn)
    void lock?.release()
  })
}
