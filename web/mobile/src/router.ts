import { nextTick } from 'vue'
import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteMeta, type Router, type RouteRecordRaw } from 'vue-router'

import { ApiError } from './api/problem'
import type { Me } from './api/types'
import NotFound from './shell/NotFound.vue'
import SignIn from './shell/SignIn.vue'
import { useSession } from './stores/session'
import { i18n } from './words'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's title. */
    title?: string
    /** Who may open it; absent: anybody. */
    side?: 'officer' | 'holder' | 'both' | 'supervisor' | 'auditor'
  }
}

const ROUTES: RouteRecordRaw[] = [
  { path: '/', component: SignIn, meta: { title: 'signIn.title' } },
  { path: '/officer', component: () => import('./officer/OfficerHome.vue'), meta: { title: 'home.title', side: 'officer' } },
  { path: '/officer/acts/new', component: () => import('./officer/NewAct.vue'), meta: { title: 'newAct.title', side: 'officer' } },
  { path: '/officer/acts/:id', component: () => import('./officer/ActPage.vue'), meta: { title: 'home.title', side: 'officer' } },
  { path: '/officer/acts/:id/badge', component: () => import('./officer/BadgePage.vue'), meta: { title: 'badge.title', side: 'officer' } },
  { path: '/officer/acts/:id/scan', component: () => import('./officer/ScanPage.vue'), meta: { title: 'scan.title', side: 'officer' } },
  { path: '/officer/acts/:id/scans/:scan', component: () => import('./officer/ResultPage.vue'), meta: { title: 'result.title', side: 'officer' } },
  { path: '/officer/acts/:id/seen/:counter', component: () => import('./officer/SeenResult.vue'), meta: { title: 'result.title', side: 'officer' } },
  { path: '/officer/queue', component: () => import('./officer/QueuePage.vue'), meta: { title: 'offline.queue', side: 'officer' } },
  { path: '/officer/training', component: () => import('./officer/TrainingPage.vue'), meta: { title: 'training.title', side: 'officer' } },
  { path: '/officer/acts/:id/record', component: () => import('./officer/RecordPage.vue'), meta: { title: 'record.title', side: 'officer' } },
  { path: '/officer/acts/:id/look-up', component: () => import('./officer/LookUpPage.vue'), meta: { title: 'lookUp.title', side: 'officer' } },
  { path: '/supervise', component: () => import('./supervise/SuperviseHome.vue'), meta: { title: 'supervise.title', side: 'supervisor' } },
  { path: '/supervise/acts/:id', component: () => import('./supervise/SupervisedAct.vue'), meta: { title: 'supervise.actTitle', side: 'supervisor' } },
  { path: '/agency', component: () => import('./supervise/AgencyHead.vue'), meta: { title: 'head.title', side: 'officer' } },
  { path: '/audit', component: () => import('./supervise/AuditLog.vue'), meta: { title: 'audit.title', side: 'auditor' } },
  { path: '/holder', component: () => import('./holder/HolderLicences.vue'), meta: { title: 'holder.licences', side: 'holder' } },
  { path: '/holder/licences/:id', component: () => import('./holder/ShowCode.vue'), meta: { title: 'code.title', side: 'holder' } },
  { path: '/holder/check', component: () => import('./holder/CheckOfficer.vue'), meta: { title: 'offline.checkTitle', side: 'holder' } },
  { path: '/holder/delegations', component: () => import('./holder/DelegationsPage.vue'), meta: { title: 'delegations.title', side: 'holder' } },
  { path: '/devices', component: () => import('./shell/DevicesPage.vue'), meta: { title: 'devices.title', side: 'both' } },
  { path: '/security', component: () => import('./shell/SecurityPage.vue'), meta: { title: 'security.title', side: 'both' } },
  { path: '/holder/uses', component: () => import('./holder/HolderUses.vue'), meta: { title: 'holder.uses', side: 'holder' } },
  { path: '/holder/uses/:id', component: () => import('./holder/UsePage.vue'), meta: { title: 'use.title', side: 'holder' } },
  { path: '/holder/petitions', component: () => import('./holder/PetitionsPage.vue'), meta: { title: 'petition.title', side: 'holder' } },
  { path: '/officer/petitions', component: () => import('./officer/PetitionsInbox.vue'), meta: { title: 'inbox.title', side: 'officer' } },
  { path: '/receipt', component: () => import('./holder/ReceiptCheck.vue'), meta: { title: 'check.title' } },
  { path: '/:rest(.*)*', component: NotFound, meta: { title: 'notFound.title' } },
]

export function makeRouter(): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: ROUTES,
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  router.beforeEach(allow)
  router.afterEach((to) => {
    document.title = `${i18n.global.t(to.meta.title ?? 'app.name')} · ${i18n.global.t('app.name')}`
    // A screen reader reads the new page's heading; a sighted person sees no ring on it.
    void nextTick(() => document.querySelector<HTMLElement>('h1[tabindex]')?.focus({ preventScroll: true }))
  })
  return router
}

async function allow(to: RouteLocationNormalized): Promise<boolean | string | { path: string; query: Record<string, string> }> {
  const session = useSession()
  await askWho()
  if (to.meta.side === undefined) return to.path === '/' && session.me !== null ? await entered(to) : true
  if (session.mustEnrol && to.path !== '/security') return '/security'
  if (session.me === null) return { path: '/', query: { next: to.fullPath } }
  return to.meta.side === 'both' || to.meta.side === sideOf(session.me.role) ? true : session.home
}

/** Already signed in: to one's own pages. Whoever comes back from a provider outside has not bound this device yet. */
async function entered(to: RouteLocationNormalized): Promise<string> {
  const session = useSession()
  if (to.query.signed === 'outside' && session.me !== null) await session.bindDevice(session.me.id)
  return session.mustEnrol ? '/security' : session.home
}

/** Auxiliaries see the officers' pages. */
function sideOf(role: Me['role']): RouteMeta['side'] {
  return role === 'auxiliary' ? 'officer' : role
}

async function askWho(): Promise<void> {
  const session = useSession()
  if (session.isKnown || session.isRemembered) return
  try {
    await session.load()
  } catch (error) {
    // Without an answer nobody knows who this is: the sign-in page says so when it is used.
    if (!(error instanceof ApiError)) throw error
  }
}
