/** Every route of the API that the app uses, once. `key` is the idempotency key of the user's action. */
import { call, callBytes } from './client'
import type {
  Act,
  ActSummary,
  Badge,
  Colleague,
  Delegation,
  Device,
  DeviceEnrolment,
  Exhibit,
  Finding,
  HolderCode,
  MyLicence,
  NewAct,
  NewDelegation,
  OfflineCredential,
  PhysicalLicence,
  QueueAnswer,
  Scan,
  ScanMethod,
  Session,
  Subject,
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

/** `limit`: milliseconds to wait, when the phone can judge by itself meanwhile. */
export const sendScan = (key: string, act: string, code: string, method: ScanMethod, limit?: number): Promise<Scan> =>
  call(`/acts/${id(act)}/scans`, { method: 'POST', body: { code, method }, key, ...(limit === undefined ? {} : { limit }) })
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

export const askChallenge = (): Promise<{ challenge: string }> => call('/devices/challenge', { method: 'POST', body: {} })
export const enrolDevice = (body: DeviceEnrolment): Promise<Device> => call('/devices', { method: 'POST', body })
export const readDevices = (): Promise<Device[]> => call('/devices')
export const revokeDevice = (device: string, reason: string): Promise<Device> => call(`/devices/${id(device)}/revoke`, { method: 'POST', body: { reason } })
export const readCredentials = (device: string): Promise<{ credentials: OfflineCredential[] }> =>
  call(`/devices/${id(device)}/credentials`, { method: 'POST', body: {} })
export const readPackKey = (): Promise<{ algorithm: string; public_key: string }> => call('/pack/key')
export const readPack = (): Promise<{ data: Uint8Array }> => callBytes('/pack')
export const readPackPart = (digest: string, since: string): Promise<{ data: Uint8Array; headers: Headers }> =>
  callBytes(`/pack/parts/${id(digest)}${since === '' ? '' : `?since=${id(since)}`}`)
/** Events as base64url. */
export const sendQueue = (device: string, events: string[]): Promise<QueueAnswer> => call('/queue', { method: 'POST', body: { device, events } })
export const readFindings = (): Promise<Finding[]> => call('/findings')
export const readDelegations = (): Promise<Delegation[]> => call('/my/delegations')
export const giveDelegation = (body: NewDelegation): Promise<Delegation> => call('/my/delegations', { method: 'POST', body })
export const revokeDelegation = (delegation: string): Promise<void> => call(`/my/delegations/${id(delegation)}`, { method: 'DELETE' })
export const closeFinding = (finding: string, note: string): Promise<Finding> => call(`/findings/${id(finding)}/close`, { method: 'POST', body: { note } })
