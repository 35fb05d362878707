import { MalformedPack } from '@liangzheng/core'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, type ShallowRef } from 'vue'

import { ApiError } from '../api/problem'
import { sendEvents } from '../offline/carrier'
import { timeBase } from '../offline/clock'
import { refreshCredentials } from '../offline/credentials'
import { enrolHere, isEnrolledFor, OthersWaiting } from '../offline/device'
import { forgetSeen } from '../offline/judge'
import { forgetPack, packHere, refreshPack } from '../offline/pack'
import { queueState, type QueueState, upload } from '../offline/queue'
import { NoVault, wipeVault } from '../offline/vault'

/** A shift's pack is renewed in the background this often while there is signal. */
const PACK_EVERY_SECONDS = 600
const TEND_EVERY_MS = 30_000
/** Before the pack lapses the officer is told, in time to drive to where there is signal. */
export const ALARM_SECONDS = 2 * 3600

export type Trouble = '' | 'insecure' | 'others_waiting' | 'pack_refused' | 'revoked'

/** What this phone can do without signal, and what waits on it. Kept current while the app is open. */
export const useOffline = defineStore('offline', () => {
  const reached = ref(true)
  const packBeacon = ref(0)
  const packUntil = ref(0)
  const queue: ShallowRef<QueueState> = shallowRef({ waiting: 0, oldest: 0, differing: [] })
  const trouble = ref<Trouble>('')
  const isWiped = ref(false)
  const tending = ref(false)
  /** Seconds since 1970 by the server, as far as this phone knows; 0 when it never heard one. */
  const now = ref(0)
  const packLeft = computed(() => packUntil.value - now.value)
  const packState = computed<'none' | 'fresh' | 'ending' | 'stale'>(() => {
    if (packUntil.value === 0) return 'none'
    if (packLeft.value <= 0) return 'stale'
    return packLeft.value <= ALARM_SECONDS ? 'ending' : 'fresh'
  })

  async function look(): Promise<void> {
    const time = await timeBase()
    now.value = time === null ? 0 : time.serverTime + time.elapsed
    const pack = await packHere()
    packBeacon.value = pack?.beacon ?? 0
    packUntil.value = pack?.expiresAt ?? 0
    queue.value = await queueState()
  }

  const isRevoked = (): boolean => trouble.value === 'revoked'

  let turn: Promise<void> = Promise.resolve()

  /** Does what is due: enrol, hand in, renew. Whatever needs signal and finds none waits for the next time. One turn after the other. */
  function tend(account: string, isForced = false): Promise<void> {
    if (tending.value && !isForced) return turn
    // One turn that failed must not keep the next from coming.
    turn = turn.catch(() => undefined).then(() => doWhatIsDue(account, isForced))
    return turn
  }

  async function doWhatIsDue(account: string, isForced: boolean): Promise<void> {
    if (isRevoked()) return
    tending.value = true
    try {
      await look()
      if (!(await isEnrolledFor(account))) await enrolHere(account)
      if (queue.value.waiting > 0 && (await upload(sendEvents))) wiped()
      if (isRevoked()) return
      // Without a pack it is due whatever the time: this phone may not have heard one yet.
      if (isForced || packUntil.value === 0 || now.value - packBeacon.value > PACK_EVERY_SECONDS) await refreshPack()
      await refreshCredentials()
      trouble.value = ''
    } catch (error) {
      tell(error)
    } finally {
      tending.value = false
      await look().catch(tell)
    }
  }

  /** What was just written down goes to the server at once where there is signal. */
  async function handIn(): Promise<void> {
    await turn
    try {
      if (await upload(sendEvents)) wiped()
    } catch (error) {
      tell(error)
    }
    await look()
  }

  function tell(error: unknown): void {
    if (error instanceof NoVault) trouble.value = 'insecure'
    else if (error instanceof OthersWaiting) trouble.value = 'others_waiting'
    else if (error instanceof MalformedPack) trouble.value = 'pack_refused'
    else if (!(error instanceof ApiError)) throw error
  }

  /** The server said that this device was revoked: what waits is handed in to quarantine, then everything goes. */
  async function revoked(): Promise<void> {
    trouble.value = 'revoked'
    try {
      await upload(sendEvents)
    } catch (error) {
      tell(error)
    }
    // What a server would not take stays until it does. With nothing waiting no upload tells this phone to wipe itself, so it does it unasked.
    if ((await queueState()).waiting === 0) {
      await wipeVault()
      wiped()
    }
    await look()
  }

  function wiped(): void {
    isWiped.value = true
    trouble.value = 'revoked'
    forgetPack()
    forgetSeen()
  }

  /** Whoever signs in next has a device key of his own. */
  function startAnew(): void {
    trouble.value = ''
    isWiped.value = false
  }

  /** Runs until the app is closed; `account` gives who is signed in, "" for nobody. */
  function keepTending(account: () => string): void {
    const tendNow = (): void => {
      if (account() !== '' && !document.hidden) void tend(account())
    }
    window.setInterval(tendNow, TEND_EVERY_MS)
    window.addEventListener('online', tendNow)
    document.addEventListener('visibilitychange', tendNow)
    tendNow()
  }

  return { reached, packBeacon, packUntil, packLeft, packState, queue, trouble, isWiped, tending, now, look, tend, handIn, revoked, startAnew, keepTending }
})
