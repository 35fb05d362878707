import type { OfflineReport } from '@liangzheng/core'
import { type ComputedRef, shallowRef, type ShallowRef } from 'vue'
import { useRouter } from 'vue-router'

import { ApiError } from '../api/problem'
import { sendScan } from '../api/routes'
import type { Act, ScanMethod } from '../api/types'
import { markSeen } from '../offline/judge'
import { NotEnrolled } from '../offline/queue'
import { isOfflineCode, judgeForAct, keepScan } from '../offline/scan'
import { NoVault } from '../offline/vault'
import { useActs } from '../stores/acts'
import { useOffline } from '../stores/offline'
import { type Action, useAction } from './action'

/** How long an answer is waited for when this phone has judged by itself: less when the last request found no server. */
const PATIENCE_MS = { reached: 2500, lost: 800 }

export interface Scanning extends Action<[code: string, method: ScanMethod], void> {
  /** What this phone found by itself, shown until the server has said more. */
  here: ShallowRef<OfflineReport | null>
}

/** One scan, with or without signal: judged here at once where that is possible, by the server where it answers, else kept for it. */
export function useScanning(id: string, act: ComputedRef<Act | null>): Scanning {
  const router = useRouter()
  const acts = useActs()
  const offline = useOffline()
  const here: ShallowRef<OfflineReport | null> = shallowRef(null)

  const action = useAction(async (key: string, code: string, method: ScanMethod) => {
    const known = act.value
    here.value = known === null ? null : await judgeIfPossible(code, known)
    try {
      const patience = offline.reached ? PATIENCE_MS.reached : PATIENCE_MS.lost
      const scan = acts.putScan(await sendScan(key, id, code, method, here.value === null ? undefined : patience))
      if (here.value?.code) await markSeen(here.value.code.showing)
      await router.replace(`/officer/acts/${id}/scans/${scan.id}`)
    } catch (problem) {
      if (!(problem instanceof ApiError) || !problem.isOffline || known === null) throw problem
      const counter = await keepIfEnrolled(known, key, code, method, problem)
      await router.replace(`/officer/acts/${id}/seen/${String(counter)}`)
    }
  })

  async function judgeIfPossible(code: string, known: Act): Promise<OfflineReport | null> {
    try {
      return isOfflineCode(code) ? await judgeForAct(code, known) : null
    } catch (problem) {
      if (!(problem instanceof NoVault)) throw problem
      return null
    }
  }

  /** A phone that cannot write down what it saw says that there is no signal, and nothing else. */
  async function keepIfEnrolled(known: Act, key: string, code: string, method: ScanMethod, problem: ApiError): Promise<number> {
    try {
      const seen = acts.putSeen(await keepScan(known, key, code, method, here.value))
      void offline.look()
      return seen.counter
    } catch (failed) {
      if (failed instanceof NotEnrolled || failed instanceof NoVault) throw problem
      throw failed
    }
  }

  return { here, ...action }
}
