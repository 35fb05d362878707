/** The shapes of the routes of rights, as the screens use them. */

/** Why a look was shown late. */
export interface Delayed {
  reason: string
  legal_basis: string
  decided_at: string
  ended_at: string
}

export interface Use {
  id: string
  at: string
  action: string
  action_label: string
  agency: string
  officer_certificate_number: string
  act_code: string
  purpose: string
  legal_basis: string
  licence_type_label: string
  fields: string[]
  result_label: string
  /** Its place in the public log; null until it is sealed, within a second or two. */
  log_index: number | null
  delayed: Delayed | null
}

export interface Receipt {
  number: string
  code: string
  url: string
  print_url: string
  file_url: string
  /** The file's text. */
  file: string
  is_logged: boolean
  issued_at: string
}

export interface ReceiptKeys {
  keys: string[]
  log: string[]
  witnesses: string[]
}

export type PetitionKind = 'objection' | 'correction' | 'complaint'
export type PetitionState = 'received' | 'forwarded' | 'answered' | 'withdrawn'
export type Outcome = 'upheld' | 'partly' | 'rejected'

export interface NewPetition {
  use: string
  kind: PetitionKind
  text: string
  field: string
}

export interface PaperPetition {
  kind: PetitionKind
  text: string
  name: string
  contact: string
  field: string
  /** The code of the party's receipt. */
  receipt: string
}

export interface Petition {
  id: string
  number: string
  kind: PetitionKind
  state: PetitionState
  act_code: string
  use: string | null
  field: string
  text: string
  name: string
  contact: string
  channel: 'phone' | 'receipt' | 'paper'
  received_at: string
  /** Whole day in China. */
  due_on: string
  is_due_provisional: boolean
  is_overdue: boolean
  addressed_to: string
  forwarded_at: string | null
  forward_reference: string
  outcome: Outcome | ''
  answer: string
  answered_at: string | null
}

export interface Notice {
  version: string
  title: string
  text_as_of: string
  confirmed: string
  parts: { heading: string; text: string; article: string }[]
}
