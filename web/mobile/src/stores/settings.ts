import { defineStore } from 'pinia'
import { ref, watch } from 'vue'

export type Theme = 'system' | 'light' | 'dark'
export type Size = 'standard' | 'elder'
export type Sound = 'off' | 'on'
export type Locale = 'zh-CN' | 'en'

const THEMES: readonly Theme[] = ['system', 'light', 'dark']
const SIZES: readonly Size[] = ['standard', 'elder']
const SOUNDS: readonly Sound[] = ['off', 'on']
const LOCALES: readonly Locale[] = ['zh-CN', 'en']

function stored<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
  const value = localStorage.getItem(`liangzheng.${name}`)
  return allowed.find((one) => one === value) ?? otherwise
}

/** What a person sets on this phone; nothing here is personal. Kept in local storage. */
export const useSettings = defineStore('settings', () => {
  const theme = ref(stored('theme', THEMES, 'system'))
  const size = ref(stored('size', SIZES, 'standard'))
  const sound = ref(stored('sound', SOUNDS, 'off'))
  const locale = ref(stored('locale', LOCALES, 'zh-CN'))
  /** Milliseconds by which the server's clock is ahead of this phone's. */
  const clockOffset = ref(0)

  watch(
    [theme, size, sound, locale],
    () => {
      const root = document.documentElement
      if (theme.value === 'system') delete root.dataset.theme
      else root.dataset.theme = theme.value
      root.dataset.size = size.value
      root.lang = locale.value
      localStorage.setItem('liangzheng.theme', theme.value)
      localStorage.setItem('liangzheng.size', size.value)
      localStorage.setItem('liangzheng.sound', sound.value)
      localStorage.setItem('liangzheng.locale', locale.value)
    },
    { immediate: true },
  )

  return { theme, size, sound, locale, clockOffset }
})
