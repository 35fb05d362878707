/** From opening the camera to the verdict on the screen, in milliseconds: the one figure of the main job that a phone can measure. */

declare global {
  interface Window {
    __lzScanMs?: number
  }
}

let openedAt: number | null = null

/** Just before the camera is asked for, so that permission, start-up and the first decoding all count. */
export function cameraOpens(): void {
  openedAt = performance.now()
}

/** No camera was used for this scan. */
export function cancel(): void {
  openedAt = null
}

/** Call once the verdict is drawn; null when the scan did not come from the camera. */
export function verdictShown(): number | null {
  if (openedAt === null) return null
  const took = Math.round(performance.now() - openedAt)
  openedAt = null
  window.__lzScanMs = took
  return took
}
