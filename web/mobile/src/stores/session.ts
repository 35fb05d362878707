import { defineStore } from 'pinia'
import { computed, ref, type Ref } from 'vue'

import * as routes from '../api/routes'
import { ApiError } from '../api/problem'
import type { FactorKind, Me, Session } from '../api/types'
import { enrolHere, OthersWaiting } from '../offline/device'
import { forgetMine, recall, remember } from '../offline/memory'
import { NoVault } from '../offline/vault'

/** Without signal an officer works on for a shift and its way home; a holder shows as long as a credential lives. */
const OFFICER_SECONDS = 24 * 3600

/** Where a role is at home; everybody else is with the officers. */
const HOMES: Readonly<Record<string, string>> = { holder: '/holder', supervisor: '/supervise', auditor: '/audit' }

/** Who is signed in. The session itself is a cookie that no script can read. */
export const useSession = defineStore('session', () => {
  const me: Ref<Me | null> = ref(null)
  const isDemo = ref(false)
  const isKnown = ref(false)
  /** What may be shown as the second step of a sign-in under way; empty: none is. */
  const second: Ref<FactorKind[]> = ref([])
  /** A second factor has to be set up before anything else. */
  const mustEnrol = ref(false)
  /** The server could not be asked: this is who was signed in when it last could. */
  const isRemembered = ref(false)
  const home = computed(() => (me.value === null ? '/' : (HOMES[me.value.role] ?? '/officer')))

  async function load(): Promise<void> {
    try {
      await put(await routes.readSession())
      isKnown.value = true
      isRemembered.value = false
    } catch (error) {
      const kept = error instanceof ApiError && error.isOffline ? await remembered() : null
      if (kept === null) throw error
      me.value = kept.me
      isDemo.value = kept.is_demo
      isRemembered.value = true
    }
  }

  async function put(session: Session): Promise<void> {
    me.value = session.me
    isDemo.value = session.is_demo
    second.value = session.second
    mustEnrol.value = session.must_enrol
    await (session.me === null ? forgetMine() : remember('session', session))
  }

  async function remembered(): Promise<Session | null> {
    const kept = await recall<Session>('session')
    return kept?.me?.role === 'holder' ? kept : recall<Session>('session', OFFICER_SECONDS)
  }

  /** Signed in, or one step nearer to it: then `second` says what is asked for next. */
  async function enter(answer: Promise<Session>): Promise<void> {
    const session = await answer
    await forgetMine()
    await put(session)
    isKnown.value = true
    isRemembered.value = false
    if (me.value !== null) await bindDevice(me.value.id)
  }

  /** Signing in works without it; what then does not work is said where it is needed. */
  async function bindDevice(account: string): Promise<void> {
    try {
      await enrolHere(account)
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof NoVault || error instanceof OthersWaiting)) throw error
    }
  }

  const signIn = (username: string, password: string): Promise<void> => enter(routes.signIn(username, password))

  async function signOut(): Promise<void> {
    await routes.signOut()
    await forget()
  }

  async function forget(): Promise<void> {
    me.value = null
    second.value = []
    mustEnrol.value = false
    await forgetMine()
  }

  return { me, isDemo, isKnown, isRemembered, home, second, mustEnrol, load, signIn, enter, bindDevice, signOut, forget }
})
