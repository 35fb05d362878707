import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'

import * as routes from '../api/routes'
import { ApiError } from '../api/problem'
import type { Act, ActSummary, Scan } from '../api/types'
import { orRemembered } from '../offline/memory'
import type { SeenScan } from '../offline/scan'

function unlessApiError(error: unknown): void {
  if (!(error instanceof ApiError)) throw error
}

/** Acts and scans as last answered by the server, in memory only, so that going from a scan to its result needs no second request. */
export const useActs = defineStore('acts', () => {
  const acts = shallowReactive(new Map<string, Act>())
  const scans = shallowReactive(new Map<string, Scan>())
  /** Made without signal, by counter; gone with the page, the queue keeps them. */
  const seen = shallowReactive(new Map<number, SeenScan>())

  async function readAct(id: string): Promise<Act> {
    return putAct(await orRemembered(`act ${id}`, () => routes.readAct(id)))
  }

  /** Those still open are read along, so that each can go on without signal. */
  async function readActs(): Promise<ActSummary[]> {
    const listed = await orRemembered('acts', routes.readActs)
    for (const { id, state } of listed) if (state !== 'recorded' && !acts.has(id)) void readAct(id).catch(unlessApiError)
    return listed
  }

  function putAct(act: Act): Act {
    acts.set(act.id, act)
    return act
  }

  function putScan(scan: Scan): Scan {
    scans.set(scan.id, scan)
    return scan
  }

  function putSeen(scan: SeenScan): SeenScan {
    seen.set(scan.counter, scan)
    return scan
  }

  function forget(): void {
    seen.clear()
    acts.clear()
    scans.clear()
  }

  return { acts, scans, seen, readAct, readActs, putAct, putScan, putSeen, forget }
})
