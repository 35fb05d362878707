/** Look-ups by function, supervision, an agency's head and the auditor. The shapes are those of the API document themselves. */
import { call } from './client'
import type { components } from './schema'
import type { Scan } from './types'

type Wire = components['schemas']
export type LookUpOptions = Wire['LookUpOptions']
export type LookUpBody = Wire['LookUpIn']
export type Allowance = Wire['AllowanceOut']
export type Overview = Wire['Overview']
export type SupervisedLine = Wire['SupervisedActLine']
export type SupervisedAct = Wire['SupervisedAct']
export type Alarm = Wire['AlarmOut']
export type Access = Wire['AccessOut']
export type Inquiry = Wire['InquiryOut']
export type NewInquiry = Wire['InquiryIn']
export type LogPage = Wire['LogPage']
export type LogEntry = Wire['LogEntryOut']

const id = encodeURIComponent

export const readLookUps = (act: string): Promise<LookUpOptions> => call(`/acts/${id(act)}/look-ups`)
export const lookUp = (key: string, act: string, body: LookUpBody): Promise<Scan> => call(`/acts/${id(act)}/look-ups`, { method: 'POST', body, key })
export const breakGlass = (key: string, act: string, reason: string, minutes: number): Promise<Allowance> =>
  call(`/acts/${id(act)}/break-glass`, { method: 'POST', body: { reason, minutes }, key })

export const readOverview = (): Promise<Overview> => call('/supervision/overview')
export const readSupervised = (before = ''): Promise<SupervisedLine[]> => call(`/supervision/acts${before === '' ? '' : `?before=${id(before)}`}`)
export const readSupervisedAct = (act: string): Promise<SupervisedAct> => call(`/supervision/acts/${id(act)}`)
export const readAlarms = (): Promise<Alarm[]> => call('/supervision/alarms')
export const closeAlarm = (alarm: string, note: string): Promise<void> => call(`/supervision/alarms/${id(alarm)}/close`, { method: 'POST', body: { note } })
export const readAccesses = (): Promise<Access[]> => call('/supervision/break-glass')
export const reviewAccess = (access: string, accepted: boolean, note: string): Promise<void> =>
  call(`/supervision/break-glass/${id(access)}/review`, { method: 'POST', body: { accepted, note } })
export const readInquiries = (): Promise<Inquiry[]> => call('/supervision/inquiries')
export const openInquiry = (key: string, body: NewInquiry): Promise<Inquiry[]> => call('/supervision/inquiries', { method: 'POST', body, key })
export const closeInquiry = (inquiry: string): Promise<void> => call(`/supervision/inquiries/${id(inquiry)}/close`, { method: 'POST', body: {} })

export const readMyInquiries = (): Promise<Inquiry[]> => call('/inquiries')
export const answerInquiry = (inquiry: string, text: string): Promise<Inquiry[]> => call(`/inquiries/${id(inquiry)}/answers`, { method: 'POST', body: { text } })

/** `filters` by the names of the query; empty ones are left out. */
export const readLog = (filters: Record<string, string>): Promise<LogPage> =>
  call(`/audit/entries?${new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== '')).toString()}`)
export const proofAddress = (entry: string): string => `/api/v1/audit/entries/${id(entry)}/proof`
