/** 设备登记: this phone proves that it holds its key and is bound to whoever is signed in. What another person left goes first. */
import { fromBase64url, joinBytes, type PublicKey, toBase64url } from '@liangzheng/core'

import { ApiError } from '../api/problem'
import { askChallenge, enrolDevice, readPackKey } from '../api/routes'
import { sendEvents } from './carrier'
import { bytesOfId, DEVICE_FACT, enrolledDevice, queueState, upload } from './queue'
import { devicePoint, keepFact, readFact, signWithDevice, wipeVault } from './vault'

const OWNER_FACT = 'owner'
const PACK_KEY_FACT = 'pack-key'
const ENROL = new TextEncoder().encode('liangzheng enrol v1')

/** Somebody else's records on this phone have not reached a server yet; they are never thrown away. */
export class OthersWaiting extends Error {
  override readonly name = 'OthersWaiting'
}

/** What a phone is called until its owner names it: system and browser, which is all that a page may know. */
export function deviceName(userAgent: string): string {
  const find = (names: readonly (readonly [RegExp, string])[]): string => names.find(([mark]) => mark.test(userAgent))?.[1] ?? ''
  const system = find([[/HarmonyOS|OpenHarmony/, 'HarmonyOS'], [/Android/, 'Android'], [/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Windows/, 'Windows'], [/Mac OS/, 'Mac'], [/Linux/, 'Linux']])
  const browser = find([[/MicroMessenger/, 'WeChat'], [/Edg/, 'Edge'], [/Firefox/, 'Firefox'], [/Chrome|CriOS/, 'Chrome'], [/Safari/, 'Safari']])
  return [system, browser].filter(Boolean).join(' · ') || 'Web'
}

/**
 * Enrols, or is recognised; the session is this device's from then on. `account`: id of who is signed in. `label`: the name its owner gives
 * it; without one a known device keeps its name.
 */
export function enrolHere(account: string, label = ''): Promise<void> {
  const mine = enrolling.then(() => enrolNow(account, label))
  enrolling = mine.catch(() => undefined)
  return mine
}

/** One at a time: the session knows one challenge, and a second would make the first worthless. */
let enrolling: Promise<unknown> = Promise.resolve()

async function enrolNow(account: string, label: string): Promise<void> {
  await makeRoom(account)
  const isKnown = (await enrolledDevice()) !== ''
  const point = await devicePoint()
  const { challenge } = await askChallenge()
  const signature = await signWithDevice(joinBytes([ENROL, fromBase64url(challenge), bytesOfId(account)]))
  const device = await enrolDevice({
    public_key: toBase64url(point),
    challenge,
    signature: toBase64url(signature),
    label: label || (isKnown ? '' : deviceName(navigator.userAgent)),
    algorithm: 'ES256',
  })
  // Pinned now, while signed in over TLS: a pack that another key signed is refused for as long as this phone is enrolled.
  const { public_key: key } = await readPackKey()
  await keepFact(PACK_KEY_FACT, key)
  await keepFact(OWNER_FACT, account)
  await keepFact(DEVICE_FACT, device.id)
}

/** The session's device signs a challenge again; false when this browser is not that device, or nobody answers. */
export async function proveHere(account: string): Promise<boolean> {
  if (!(await isEnrolledFor(account))) return false
  try {
    await enrolHere(account)
    return true
  } catch (error) {
    if (error instanceof ApiError) return false
    throw error
  }
}

export async function isEnrolledFor(account: string): Promise<boolean> {
  return (await readFact(OWNER_FACT)) === account && (await enrolledDevice()) !== ''
}

async function makeRoom(account: string): Promise<void> {
  const owner = await readFact(OWNER_FACT)
  if (owner === null || owner === account) return
  if ((await queueState()).waiting > 0) await upload(sendEvents)
  if ((await queueState()).waiting > 0) throw new OthersWaiting()
  await wipeVault()
}

/** Null before the first enrolment. */
export async function pinnedPackKey(): Promise<PublicKey | null> {
  const kept = await readFact(PACK_KEY_FACT)
  return typeof kept === 'string' ? { algorithm: 'SM2', point: fromBase64url(kept) } : null
}

