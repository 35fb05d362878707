/** Every route of the API that the app uses, once. `key` is the idempotency key of the user's action. */
import { call } from './client'
import type {
  Act,
  ActSummary,
  Badge,
  Colleague,
  Exhibit,
  HolderCode,
  MyLicence,
  NewAct,
  PhysicalLicence,
  Scan,
  ScanMethod,
  Session,
  Subject,
  Use,
} from './types'

const id = encodeURIComponent

export const readSession = (): Promise<Session> => call('/session')
export const signIn = (username: string, password: string): Promise<Session> =>
  call('/session', { method: 'POST', body: { username, password } })
export const signOut = (): Promise<void> => call('/session', { method: 'DELETE' })

export const readColleagues = (): Promise<Colleague[]> => call('/colleagues')
export const readSubjects = (): Promise<Subject[]> => call('/subjects')
export const readActs = (): Promise<ActSummary[]> => call('/acts')
export const readAct = (act: string): Promise<Act> => call(`/acts/${id(act)}`)
/** With the record's personal values unmasked; the server logs it for every person concerned. */
export const readFullAct = (act: string): Promise<Act> => call(`/acts/${id(act)}?full=true`)
export const openAct = (key: string, body: NewAct): Promise<Act> => call('/acts', { method: 'POST', body, key })

export const showBadge = (act: string): Promise<Badge> => call(`/acts/${id(act)}/badge`, { method: 'POST', body: {} })
export const noteDeclined = (act: string, officer: string, note: string): Promise<Act> =>
  call(`/acts/${id(act)}/officers/${id(officer)}/declined`, { method: 'POST', body: { note } })

export const sendScan = (key: string, act: string, code: string, method: ScanMethod): Promise<Scan> =>
  call(`/acts/${id(act)}/scans`, { method: 'POST', body: { code, method }, key })
export const readScan = (act: string, scan: string): Promise<Scan> => call(`/acts/${id(act)}/scans/${id(scan)}`)
export const answerPhoto = (act: string, scan: string, match: boolean): Promise<Scan> =>
  call(`/acts/${id(act)}/scans/${id(scan)}/photo-match`, { method: 'POST', body: { match } })
export const revealField = (act: string, scan: string, field: string, reason: string): Promise<{ field: string; value: string }> =>
  call(`/acts/${id(act)}/scans/${id(scan)}/reveal`, { method: 'POST', body: { field, reason } })
export const keepExhibit = (key: string, act: string, scan: string): Promise<Exhibit> =>
  call(`/acts/${id(act)}/scans/${id(scan)}/exhibit`, { method: 'POST', body: {}, key })

export const uploadFile = (key: string, act: string, file: File): Promise<Exhibit> =>
  call(`/acts/${id(act)}/files`, { method: 'POST', file, key })
export const registerPhysical = (key: string, act: string, body: PhysicalLicence): Promise<Act> =>
  call(`/acts/${id(act)}/physical`, { method: 'POST', body, key })

export const writeValue = (act: string, field: string, value: string, reason: string): Promise<Act> =>
  call(`/acts/${id(act)}/values/${id(field)}`, { method: 'PUT', body: { value, reason } })
export const makeRecord = (key: string, act: string): Promise<Act> => call(`/acts/${id(act)}/record`, { method: 'POST', body: {}, key })

export const readLicences = (): Promise<MyLicence[]> => call('/my/licences')
export const makeCode = (licence: string): Promise<HolderCode> => call(`/my/licences/${id(licence)}/code`, { method: 'POST', body: {} })
export const readUses = (): Promise<Use[]> => call('/my/uses')
