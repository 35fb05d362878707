/** 设备登记: this phone proves that it holds its key and is bound to whoever is signed in. What another person left goes first. */
import { fromBase64url, joinBytes, type PublicKey, toBase64url } from '@liangzheng/core'

import { askChallenge, enrolDevice, readPackKey } from '../api/routes'
import { sendEvents } from './carrier'
import { bytesOfId, DEVICE_FACT, enrolledDevice, queueState, upload } from './queue'
import { devicePoint, keepFact, readFact, signWithDevice, wipeVault } from './vault'

const OWNER_FACT = 'owner'
const PACK_KEY_FACT = 'pack-key'
const ENROL = new TextEncoder().encode('liangzheng enrol v1')
/** A person's own name for a phone comes with the device list; until then, what the browser says it is. */
const LONGEST_LABEL = 100

/** Somebody else's records on this phone have not reached a server yet; they are never thrown away. */
export class OthersWaiting extends Error {
  override readonly name = 'OthersWaiting'
}

/** Enrols, or is recognised; the session is this device's from then on. `account`: id of who is signed in. */
export async function enrolHere(account: string): Promise<void> {
  await makeRoom(account)
  const point = await devicePoint()
  const { challenge } = await askChallenge()
  const signature = await signWithDevice(joinBytes([ENROL, fromBase64url(challenge), bytesOfId(account)]))
  const device = await enrolDevice({
    public_key: toBase64url(point),
    challenge,
    signature: toBase64url(signature),
    label: navigator.userAgent.slice(0, LONGEST_LABEL),
    algorithm: 'ES256',
  })
  // Pinned now, while signed in over TLS: a pack that another key signed is refused for as long as this phone is enrolled.
  const { public_key: key } = await readPackKey()
  await keepFact(PACK_KEY_FACT, key)
  await keepFact(OWNER_FACT, account)
  await keepFact(DEVICE_FACT, device.id)
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

