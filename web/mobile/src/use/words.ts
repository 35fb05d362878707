import { errorWords, type Language } from '@liangzheng/core'
import { computed, type ComputedRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'

import type { ApiError } from '../api/problem'
import type { Locale } from '../stores/settings'

const LOCAL = ['offline', 'timeout', 'unexpected_answer', 'server_error'] as const
/** Only a browser can know it, and only where passkeys are asked for. */
const CANCELLED = 'passkey_cancelled'

export interface Explained {
  message: string
  next: string
}

export interface WordsInUse {
  /** `named` fills the braces of the sentence. Every key used is checked against the Chinese table in the tests. */
  t: (key: string, named?: Record<string, unknown>) => string
  language: ComputedRef<Language>
  locale: Ref<Locale>
  explain: (error: ApiError) => Explained
}

/** Words of the app, in the reader's language, and the words of a problem. */
export function useWords(): WordsInUse {
  const i18n = useI18n<[], Locale>()
  const locale = i18n.locale
  const language = computed<Language>(() => (locale.value === 'en' ? 'en' : 'zh'))
  const t = (key: string, named: Record<string, unknown> = {}): string => i18n.t(key, named)

  function explain(error: ApiError): Explained {
    const local = LOCAL.find((code) => code === error.code)
    if (local !== undefined) return { message: t(`problem.${local}`), next: t(`problem.${local}_next`) }
    if (error.code === CANCELLED) return { message: t('security.passkeyCancelled'), next: t('security.passkeyCancelled_next') }
    const known = errorWords(error.code, language.value)
    const spoken = language.value === 'zh' ? error.detail || known?.message : known?.message
    return { message: spoken ?? t('problem.unknown', { code: error.code }), next: known?.next ?? '' }
  }

  return { t, language, locale, explain }
}
