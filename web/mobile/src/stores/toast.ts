import { defineStore } from 'pinia'
import { ref } from 'vue'

const SHOWN_MS = 3500

/** One short message at a time, read out by screen readers. Never the only place where something is said. */
export const useToast = defineStore('toast', () => {
  const message = ref('')
  let timer = 0

  function say(text: string): void {
    message.value = text
    window.clearTimeout(timer)
    timer = window.setTimeout(() => (message.value = ''), SHOWN_MS)
  }

  return { message, say }
})
