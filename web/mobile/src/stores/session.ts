import { defineStore } from 'pinia'
import { computed, ref, type Ref } from 'vue'

import * as routes from '../api/routes'
import type { Me } from '../api/types'

/** Who is signed in. The session itself is a cookie that no script can read. */
export const useSession = defineStore('session', () => {
  const me: Ref<Me | null> = ref(null)
  const isDemo = ref(false)
  const isKnown = ref(false)
  const home = computed(() => (me.value === null ? '/' : me.value.role === 'holder' ? '/holder' : '/officer'))

  async function load(): Promise<void> {
    const session = await routes.readSession()
    me.value = session.me
    isDemo.value = session.is_demo
    isKnown.value = true
  }

  async function signIn(username: string, password: string): Promise<void> {
    me.value = (await routes.signIn(username, password)).me
    isKnown.value = true
  }

  async function signOut(): Promise<void> {
    await routes.signOut()
    forget()
  }

  function forget(): void {
    me.value = null
  }

  return { me, isDemo, isKnown, home, load, signIn, signOut, forget }
})
