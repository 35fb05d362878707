/** 练习码: samples without anybody's data, judged by a table. No reader of real codes knows their form, so none can be taken for a real one. */
import { headline, type Headline, type Language, type Standing } from '@liangzheng/core'

const PREFIX = 'LZ-PRACTICE:'

export const SAMPLES = ['valid', 'offline', 'expired', 'revoked', 'forged', 'used'] as const
export type Sample = (typeof SAMPLES)[number]

const VERDICTS: Readonly<Record<Sample, { readonly standing: Standing; readonly reasons: readonly string[] }>> = {
  valid: { standing: 'valid', reasons: [] },
  offline: { standing: 'valid_offline', reasons: [] },
  expired: { standing: 'invalid', reasons: ['expired'] },
  revoked: { standing: 'invalid', reasons: ['revoked'] },
  forged: { standing: 'invalid', reasons: ['proof_forged'] },
  used: { standing: 'invalid', reasons: ['code_used'] },
}

export const practiceCode = (sample: Sample): string => PREFIX + sample.toUpperCase()
export const isPractice = (text: string): boolean => text.trim().toUpperCase().startsWith(PREFIX)

/** Null for any other text, whatever it begins with. */
export function readPractice(text: string): Sample | null {
  const given = text.trim().toUpperCase()
  return SAMPLES.find((sample) => practiceCode(sample) === given) ?? null
}

export const practiceHeadline = (sample: Sample, language: Language): Headline => headline(VERDICTS[sample], language)
