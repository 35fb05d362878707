import { createI18n } from 'vue-i18n'

import type { Locale } from './stores/settings'
import { zh, type Words } from './words/zh'

type Messages = Record<Locale, Words>

export const i18n = createI18n<[Words], Locale, false>({
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- still needed in version 11 to choose the composition API
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh, en: zh } satisfies Messages,
})

/** Chinese is always there; English is fetched when it is chosen first. */
export async function speak(locale: Locale): Promise<void> {
  if (locale === 'en') i18n.global.setLocaleMessage('en', (await import('./words/en')).en)
  i18n.global.locale.value = locale
}
