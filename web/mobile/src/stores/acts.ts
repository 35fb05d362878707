import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'

import * as routes from '../api/routes'
import type { Act, Scan } from '../api/types'

/** Acts and scans as last answered by the server, in memory only, so that going from a scan to its result needs no second request. */
export const useActs = defineStore('acts', () => {
  const acts = shallowReactive(new Map<string, Act>())
  const scans = shallowReactive(new Map<string, Scan>())

  async function readAct(id: string): Promise<Act> {
    return putAct(await routes.readAct(id))
  }

  function putAct(act: Act): Act {
    acts.set(act.id, act)
    return act
  }

  function putScan(scan: Scan): Scan {
    scans.set(scan.id, scan)
    return scan
  }

  function forget(): void {
    acts.clear()
    scans.clear()
  }

  return { acts, scans, readAct, putAct, putScan, forget }
})
