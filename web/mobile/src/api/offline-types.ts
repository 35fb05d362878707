/** Shapes of the HTTP API for what happens without signal: devices, queue, credentials, delegations. Held against the document like `types.ts`. */
import type { Standing } from '@liangzheng/core'

export interface DeviceEnrolment {
  /** Base64url without padding: the uncompressed point, the challenge, and r || s over `liangzheng enrol v1`, challenge, account id. */
  public_key: string
  challenge: string
  signature: string
  label: string
  algorithm: 'ES256' | 'SM2'
}

export interface Device {
  id: string
  user: string
  label: string
  algorithm: 'ES256' | 'SM2'
  enrolled_at: string
  last_seen_at: string
  revoked_at: string | null
  revoked_reason: string
  flagged_at: string | null
  wiped_at: string | null
}

export interface QueueResult {
  /** 0 for an event that could not be read. */
  counter: number
  /** `waiting`: beyond the gap, not kept; send it again. */
  state: 'applied' | 'quarantined' | 'refused' | 'waiting'
  reason: string
  scan_id: string | null
  finding: { kind: string; server_standing: Standing } | null
}

export interface QueueAnswer {
  device: string
  applied_to: number
  /** SHA-256 of the chain's last event, hex. */
  head: string
  gap: { expected: number; got: number } | null
  results: QueueResult[]
  /** Revoked: once everything is acknowledged, wipe. */
  wipe: boolean
}

export interface Finding {
  id: string
  act_id: string
  scan_id: string
  kind: string
  seen_standing: Standing
  server_standing: Standing
  reasons: string[]
  at: string
  closed_at: string | null
  note: string
}

export interface OfflineCredential {
  /** The licence's id; null for an officer's certificate. */
  licence: string | null
  /** The certificate's number; null for a licence. */
  certificate: string | null
  /** Base64url without padding. */
  credential: string
  expires_at: string
  renew_after: string
}

export interface NewDelegation {
  licence: string
  /** The person's log-in. */
  to_user: string
  purpose: string
  /** ISO 8601 with a time zone. */
  until: string
}

export interface Delegation {
  id: string
  /** true: given by me; false: received. */
  given: boolean
  organisation: string
  person: string
  /** null: all of the organisation's licences. */
  licence: string | null
  licence_label: string
  purpose: string
  valid_from: string
  valid_to: string
  revoked_at: string | null
}
