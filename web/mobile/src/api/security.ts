/** The routes of signing in beyond the password, and of account security. */
import { call } from './client'
import type { NewPasskey, NewTimeCode, PasskeyAsked, Security, SignInProvider, UsedPasskey } from './security-types'
import type { Session } from './types'

const id = encodeURIComponent

const post = <T>(path: string, body: object = {}): Promise<T> => call(path, { method: 'POST', body })

export const showTimeCode = (code: string): Promise<Session> => post('/session/totp', { code })
export const useRecoveryCode = (code: string): Promise<Session> => post('/session/recovery', { code })
export const askPasskey = (): Promise<PasskeyAsked> => post('/session/passkey/options')
export const usePasskey = (used: UsedPasskey): Promise<Session> => post('/session/passkey', used)
export const readProviders = (): Promise<SignInProvider[]> => call('/session/outside')
/** An address to go to, not to fetch. */
export const outsideAddress = (key: string): string => `/api/v1/session/outside/${id(key)}`

export const readSecurity = (): Promise<Security> => call('/security')
export const drawTimeCode = (password: string): Promise<NewTimeCode> => post('/security/totp', { password })
export const confirmTimeCode = (code: string): Promise<{ codes: string[] }> => post('/security/totp/confirm', { code })
export const removeTimeCode = (password: string): Promise<void> => post('/security/totp/remove', { password })
export const askNewPasskey = (password: string): Promise<PasskeyAsked> => post('/security/passkeys/options', { password })
export const addPasskey = (made: NewPasskey): Promise<{ codes: string[] }> => post('/security/passkeys', made)
export const removePasskey = (passkey: string, password: string): Promise<void> => post(`/security/passkeys/${id(passkey)}/remove`, { password })
export const drawRecoveryCodes = (password: string): Promise<{ codes: string[] }> => post('/security/recovery', { password })
export const endOtherSignIns = (): Promise<{ ended: number }> => post('/sign-ins/end')
