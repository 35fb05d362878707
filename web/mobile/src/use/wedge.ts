import { onBeforeUnmount, onMounted } from 'vue'

import { NO_BURST, takeKey } from '../scan/wedge'

const isTextField = (target: EventTarget | null): target is HTMLElement =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'range') || (target instanceof HTMLElement && target.isContentEditable)

/**
 * Listens for a hardware scanner while the page is open. In a text field the keys are left alone until the burst has ended: a person's typing
 * is never held up; `cleared` then empties the field.
 */
export function useWedge(found: (text: string) => void, cleared: () => void): void {
  let burst = NO_BURST

  function onKey(event: KeyboardEvent): void {
    const { key, code, shiftKey: shift, timeStamp: at } = event
    const modified = event.ctrlKey || event.altKey || event.metaKey
    const step = takeKey(burst, { key, code, shift, capsLock: event.getModifierState('CapsLock'), modified, at })
    burst = step.burst
    const field = isTextField(event.target) ? event.target : null
    if (step.isBurst && (field === null || step.text !== null)) {
      event.preventDefault()
      event.stopPropagation()
    }
    if (step.text === null) return
    // Leaving the field ends what an input method is still composing there.
    field?.blur()
    cleared()
    found(step.text)
  }

  onMounted(() => document.addEventListener('keydown', onKey, { capture: true }))
  onBeforeUnmount(() => document.removeEventListener('keydown', onKey, { capture: true }))
}
