/** Shapes of signing in and account security. Held against the document like `types.ts`. Bytes are base64url without padding. */

export type FactorKind = 'passkey' | 'totp' | 'recovery'

export interface PasskeyAsked {
  challenge: string
  relying_party: string
  /** User handle of a new passkey; empty when one is used. */
  account: string
  username: string
  known: string[]
}

export interface NewPasskey {
  client_data: string
  attestation: string
  label: string
}

export interface UsedPasskey {
  credential_id: string
  client_data: string
  authenticator_data: string
  signature: string
}

export interface NewTimeCode {
  secret: string
  uri: string
}

export interface Passkey {
  id: string
  label: string
  added_at: string
  used_at: string | null
}

export interface SignInPlace {
  id: string
  started_at: string
  seen_at: string
  method: string
  factor: string
  /** Label of the device it is bound to; empty: none. */
  device: string
  is_here: boolean
}

export interface Security {
  has_password: boolean
  must_have: boolean
  has_time_code: boolean
  passkeys: Passkey[]
  recovery_left: number
  sign_ins: SignInPlace[]
}

export interface SignInProvider {
  key: string
  label: string
}
