import type { Act } from '../api/types'

export interface Step {
  id: 'badge' | 'scan' | 'record' | 'keep'
  state: 'done' | 'now' | 'todo'
}

/** How far an act has come. The first step that is not done is the present one. */
export function stepsOf(act: Act): Step[] {
  const done: Record<Step['id'], boolean> = {
    badge: act.gate.open,
    scan: act.gate.open && act.checklist.every((item) => item.state !== 'missing'),
    record: act.documents.length > 0,
    keep: act.exhibits.length > 0,
  }
  const ids: Step['id'][] = ['badge', 'scan', 'record', 'keep']
  const now = ids.find((id) => !done[id])
  return ids.map((id) => ({ id, state: done[id] ? 'done' : id === now ? 'now' : 'todo' }))
}
