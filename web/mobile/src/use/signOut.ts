import { useRouter } from 'vue-router'

import { useActs } from '../stores/acts'
import { useSession } from '../stores/session'
import { useAction, type Action } from './action'

/** Ends the session and forgets everything that was read during it. */
export function useSignOut(): Action<[], void> {
  const session = useSession()
  const acts = useActs()
  const router = useRouter()
  return useAction(async () => {
    await session.signOut()
    acts.forget()
    await router.replace('/')
  })
}
