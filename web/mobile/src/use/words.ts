import { errorWords, type Language } from '@liangzheng/core'
import { computed, type ComputedRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'

import type { ApiError } from '../api/problem'
import type { Locale } from '../stores/settings'
import type { Words } from '../words/zh'

const LOCAL = ['offline', 'timeout', 'unexpected_answer', 'server_error'] as const

export interface Explained {
  message: string
  next: string
}

/** Words of the app, in the reader's language, and the words of a problem. */
export function useWords(): {
  t: ReturnType<typeof useI18n>['t']
  language: ComputedRef<Language>
  locale: Ref<string>
  explain: (error: ApiError) => Explained
} {
  const { t, locale } = useI18n<[Words], Locale>()
  const language = computed<Language>(() => (locale.value === 'en' ? 'en' : 'zh'))

  function explain(error: ApiError): Explained {
    const local = LOCAL.find((code) => code === error.code)
    if (local !== undefined) return { message: t(`problem.${local}`), next: t(`problem.${local}_next`) }
    const known = errorWords(error.code, language.value)
    const spoken = language.value === 'zh' ? error.detail || known?.message : known?.message
    return { message: spoken ?? t('problem.unknown', { code: error.code }), next: known?.next ?? '' }
  }

  return { t, language, locale: locale, explain }
}
