/** Credentials of this device: fetched ahead of time, so that showing works without signal; each showing is signed here and counted. */
import { fromBase64url, showOffline } from '@liangzheng/core'

import { readCredentials } from '../api/routes'
import type { OfflineCredential } from '../api/types'
import { timeBase } from './clock'
import { recall, remember } from './memory'
import { enrolledDevice } from './queue'
import { keepFact, readFact, signWithDevice } from './vault'

const NAME = 'credentials'
const COUNTER_FACT = 'showings'
const LOCK = 'liangzheng-showings'
export const SHOWN_SECONDS = 60

export interface ShownFor {
  /** Act code; empty: for whoever scans it. */
  readonly audience: string
  /** 0: none. */
  readonly matchNumber: number
}

export async function heldCredentials(): Promise<OfflineCredential[]> {
  return (await recall<OfflineCredential[]>(NAME)) ?? []
}

/** Asks for new ones when there are none, or one of them is due. */
export async function refreshCredentials(now = Date.now()): Promise<void> {
  const held = await heldCredentials()
  const device = await enrolledDevice()
  const isDue = held.length === 0 || held.some((one) => Date.parse(one.renew_after) <= now)
  if (isDue && device !== '') await remember(NAME, (await readCredentials(device)).credentials)
}

/** What this account may show now, as the server has just listed it: new licences are fetched, others are given up. */
export async function keepCredentialsFor(licences: readonly string[]): Promise<void> {
  const held = (await heldCredentials()).flatMap(({ licence }) => (licence === null ? [] : [licence]))
  const device = await enrolledDevice()
  const differs = held.some((one) => !licences.includes(one)) || licences.some((one) => !held.includes(one))
  if (differs && device !== '') await remember(NAME, (await readCredentials(device)).credentials)
}

/** The text of a fresh code. */
export async function showHere(held: OfflineCredential, to: ShownFor): Promise<string> {
  const time = await timeBase()
  const issuedAt = time === null ? Math.floor(Date.now() / 1000) : time.serverTime + time.elapsed
  const counter = await nextCounter()
  return showOffline(fromBase64url(held.credential), { issuedAt, counter, lifetime: SHOWN_SECONDS, challenge: new Uint8Array(), ...to }, signWithDevice)
}

/** No two showings of this device have the same number, whatever number of tabs it has. */
async function nextCounter(): Promise<number> {
  return navigator.locks.request(LOCK, async () => {
    const last = await readFact(COUNTER_FACT)
    const next = (typeof last === 'number' ? last : 0) + 1
    await keepFact(COUNTER_FACT, next)
    return next
  })
}
