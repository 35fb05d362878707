import { createI18n } from 'vue-i18n'

import { en } from './words/en'
import { zh } from './words/zh'

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh, en },
})
