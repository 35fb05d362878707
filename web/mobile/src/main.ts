import '@liangzheng/ui/tokens.css'
import '@liangzheng/ui/parts.css'
import './app.css'

import { createPinia } from 'pinia'
import { createApp, watch } from 'vue'

import { listen } from './api/client'
import App from './App.vue'
import { heardServerTime } from './offline/clock'
import { proveHere } from './offline/device'
import { makeRouter } from './router'
import { useActs } from './stores/acts'
import { useOffline } from './stores/offline'
import { useSession } from './stores/session'
import { useSettings } from './stores/settings'
import { useToast } from './stores/toast'
import { i18n, speak } from './words'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)

const settings = useSettings()
watch(() => settings.locale, speak, { immediate: true })

const router = makeRouter()
app.use(router)

const offline = useOffline()
const account = (): string => useSession().me?.id ?? ''
listen({
  clock: (offset) => {
    settings.clockOffset = offset
    heardServerTime(Date.now() + offset)
  },
  reached: (isReached) => (offline.reached = isReached),
  revoked: () => void offline.revoked(),
  prove: () => proveHere(account()),
  signedOut: () => {
    const session = useSession()
    if (session.me === null) return
    void session.forget()
    useActs().forget()
    useToast().say(i18n.global.t('problem.signedOut'))
    void router.replace({ path: '/', query: { next: router.currentRoute.value.fullPath } })
  },
})

app.mount('#app')
offline.keepTending(account)
watch(account, (id) => {
  if (id !== '') void offline.tend(id)
})

// Without signal the app opens from the phone. Not while developing: a kept page would hide what was just changed.
if (import.meta.env.PROD && 'serviceWorker' in navigator) void navigator.serviceWorker.register('/sw.js')
