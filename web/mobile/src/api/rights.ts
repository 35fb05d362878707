/** Every route of rights that the app uses, once. */
import { ApiError } from './problem'
import { call } from './client'
import type { NewPetition, Notice, Outcome, PaperPetition, Petition, Receipt, ReceiptKeys, Use } from './types'

const id = encodeURIComponent

/** Which uses; `before`: the last one of the page before. Empty values mean any. */
export interface UseFilter {
  before?: string
  action?: string
  since?: string
  until?: string
}

export const readUses = (filter: UseFilter = {}): Promise<Use[]> => {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== '')).toString()
  return call(`/my/uses${query === '' ? '' : `?${query}`}`)
}
export const readUse = (use: string): Promise<Use> => call(`/my/uses/${id(use)}`)
export const issueReceipt = (use: string): Promise<Receipt> => call(`/my/uses/${id(use)}/signed-receipt`, { method: 'POST', body: {} })
export const issueScanReceipt = (act: string, scan: string): Promise<Receipt> => call(`/acts/${id(act)}/scans/${id(scan)}/receipt`, { method: 'POST', body: {} })
export const readReceiptKeys = (): Promise<ReceiptKeys> => call('/receipt-keys')
export const readNotice = (): Promise<Notice> => call('/notice')

export const readMyPetitions = (): Promise<Petition[]> => call('/my/petitions')
export const filePetition = (key: string, body: NewPetition): Promise<Petition> => call('/my/petitions', { method: 'POST', body, key })
export const withdrawPetition = (petition: string): Promise<Petition> => call(`/my/petitions/${id(petition)}/withdraw`, { method: 'POST', body: {} })
export const readPetitions = (closed: boolean): Promise<Petition[]> => call(`/petitions${closed ? '?closed=true' : ''}`)
export const openPetition = (petition: string): Promise<Petition> => call(`/petitions/${id(petition)}`)
export const enterPetition = (key: string, body: PaperPetition): Promise<Petition> => call('/petitions', { method: 'POST', body, key })
export const forwardPetition = (petition: string, to: string, reference: string): Promise<Petition> => call(`/petitions/${id(petition)}/forward`, { method: 'POST', body: { to, reference } })
export const answerPetition = (petition: string, outcome: Outcome, answer: string): Promise<Petition> => call(`/petitions/${id(petition)}/answer`, { method: 'POST', body: { outcome, answer } })

export const takeRatingToken = (use: string): Promise<{ token: string }> => call(`/my/uses/${id(use)}/rating-token`, { method: 'POST', body: {} })

/** Without a cookie: the server is not to know who rates. */
export async function rate(token: string, score: number): Promise<void> {
  let answer: Response
  try {
    answer = await fetch('/api/v1/ratings', { method: 'POST', credentials: 'omit', cache: 'no-store', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token, score }) })
  } catch {
    throw new ApiError('offline', 0)
  }
  if (!answer.ok) throw new ApiError(answer.status >= 500 ? 'server_error' : 'rating_spent', answer.status)
}
