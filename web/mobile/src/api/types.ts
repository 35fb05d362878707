/** The shapes of the HTTP API as the screens use them. `schema-fit.ts` holds them against the types generated from the OpenAPI document. */
import type { CheckResult, Standing } from '@liangzheng/core'

import type { FactorKind } from './security-types'

export type * from './offline-types'
export type * from './security-types'
export type * from './rights-types'

export type Role = 'officer' | 'auxiliary' | 'holder' | 'supervisor' | 'auditor'
export type CertificateStanding = 'valid' | 'expired' | 'suspended' | 'cancelled' | 'not_yet_effective' | 'annual_check_due'

export interface Certificate {
  number: string
  kind: string
  agency: string
  fields: string[]
  area: string
  /** `YYYY-MM-DD` */
  valid_from: string
  valid_to: string
  standing: CertificateStanding
  photo_url: string
}

export interface Me {
  id: string
  name: string
  role: Role
  agency?: string | null
  certificate?: Certificate | null
  posts: string[]
  is_demo: boolean
}

export interface Session {
  me: Me | null
  is_demo: boolean
  /** What may be shown as the second step of a sign-in under way. */
  second: FactorKind[]
  must_enrol: boolean
}

export interface Colleague {
  id: string
  name: string
  agency: string
  role: string
  certificate: Certificate | null
  selectable: boolean
  /** A code of the error table; empty when selectable. */
  reason: string
}

export interface Ask {
  name: string
  label: string
  type: 'text' | 'plate' | 'number' | 'choice'
  required: boolean
  choices: string[]
}

export interface Requirement {
  id: string
  licence_type: string
  label: string
  role: 'operator' | 'vehicle' | 'person' | 'premises'
  legal_basis: string
  text_as_of: string
  to_confirm: boolean
}

export interface Subject {
  kind: string
  label: string
  icon: string
  sector: string
  asks: Ask[]
  requirements: Requirement[]
}

export interface ActOfficer {
  id: string
  name: string
  agency: string
  certificate: Certificate
  is_me: boolean
  shown_at: string | null
  acknowledged_at: string | null
  declined_at: string | null
  match_number: string
}

export interface Blocked {
  rule: string
  article: string
  text_as_of: string
  message: string
  unblock: string
}

export type RequirementState = 'missing' | 'met' | 'invalid' | 'cannot_confirm' | 'exempt' | 'physical'

export interface ChecklistItem {
  requirement: Requirement
  state: RequirementState
  scan_id: string | null
  reason: string
  basis: string
}

export interface CrossCheck {
  id: string
  label: string
  result: CheckResult
  detail: string
}

export interface ValueSource {
  licence_type_label: string
  licence_field: string
  scan_id: string
  standing: Standing
  at: string
  mode: string
}

export interface Value {
  field: string
  group: string
  label: string
  value: string
  kind: 'auto' | 'filled' | 'edited' | 'typed' | 'asked' | 'empty'
  source?: ValueSource | null
  previous?: string | null
  reason?: string | null
  conflict: { value: string; licence_type_label: string }[]
  editable: boolean
  multiline: boolean
  required: boolean
  hint: string
}

export interface ScanSummary {
  id: string
  at: string
  licence_type_label: string
  holder_name_masked: string
  standing: Standing
  reasons: string[]
  /** What the server judged later of a scan made off-line; empty for a scan made on-line. */
  server_standing: Standing | ''
  /** Taken back with a reason: it counts for nothing and stays in the list. */
  undone: boolean
}

export interface Check {
  id: string
  result: CheckResult
  reason: string
  detail: string
}

export interface Exhibit {
  id: string
  number: number
  title: string
  kind: 'licence_file' | 'uploaded_file' | 'physical_licence'
  /** Bytes. */
  size: number
  sm3: string
  sha256: string
  standing: Standing
  reasons: string[]
  checks: Check[]
  kept_at: string
  kept_by: string
  file_url: string
  is_demo: boolean
}

export interface CaseDocument {
  id: string
  number: string
  version: number
  title: string
  created_at: string
  url: string
  sha256: string
  sm3: string
}

export type ActState = 'opened' | 'inspecting' | 'recorded'

export interface ActSummary {
  id: string
  act_code: string
  subject: string
  subject_label: string
  place: string
  opened_at: string
  state: ActState
}

export interface Act extends ActSummary {
  asks: Record<string, string>
  /** The document of a joint enforcement or assignment; '': none. */
  assignment_number: string
  /** Until when something may still be entered late. */
  late_entry_until: string
  officers: ActOfficer[]
  gate: { open: boolean; blocked: Blocked[] }
  warnings: Blocked[]
  checklist: ChecklistItem[]
  cross_checks: CrossCheck[]
  values: Value[]
  scans: ScanSummary[]
  exhibits: Exhibit[]
  documents: CaseDocument[]
}

export interface NewAct {
  subject: string
  place: string
  second_officer: string
  asks: Record<string, string>
  assignment_number?: string
}

export interface Badge {
  url: string
  expires_at: string
  /** Seconds. */
  lifetime: number
  match_number: string
  certificate: Certificate
  act_code: string
}

export type ScanMethod = 'camera' | 'photo' | 'typed' | 'wedge' | 'lookup'

export interface LicenceField {
  name: string
  label: string
  value: string
  masked: boolean
}

export interface ScannedLicence {
  id: string
  type_code: string
  type_label: string
  number_masked: string
  holder_name: string
  holder_code_masked: string
  photo_url: string | null
  issuing_authority: string
  valid_from: string
  /** null: no end. */
  valid_to: string | null
  /** Day and remark of a status other than valid. */
  status_on: string | null
  status_note: string
  fields: LicenceField[]
  algorithm: string
  is_demo: boolean
}

export interface StoredVerdict {
  standing: Standing
  reasons: string[]
  checks: Check[]
  as_of: string
  mode: 'online' | 'offline' | 'file'
}

export interface Scan {
  id: string
  act_id: string
  at: string
  method: ScanMethod
  verdict: StoredVerdict
  /** The server's own verdict beside what was seen off-line. */
  server_verdict?: StoredVerdict | null
  undone: boolean
  /** Other scans that the same reading of a code made: one code of another system may stand for several licences. */
  also: string[]
  licence: ScannedLicence | null
  /** Labels of the record's fields that this scan filled. */
  fills: string[]
  exhibit_id: string | null
  photo_match: boolean | null
  purpose: string
  legal_basis: string
}

export interface PhysicalLicence {
  requirement: string
  holder_name: string
  number: string
  valid_to: string | null
  note: string
}

export interface MyLicence {
  id: string
  type_label: string
  type_code: string
  number_masked: string
  holder_name: string
  on_behalf_of: string | null
  valid_from: string
  valid_to: string | null
  standing: Standing
  reason: string
  photo_url: string | null
  is_demo: boolean
  /** An organisation's own: it may let a person show it. */
  may_delegate: boolean
}

export interface HolderCode {
  text: string
  short_code: string
  issued_at: string
  expires_at: string
  /** Seconds. */
  lifetime: number
  discloses: string[]
  licence: { type_label: string; holder_name: string }
}
