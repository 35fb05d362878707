import { onBeforeUnmount, onMounted, ref, shallowRef, type Ref, type ShallowRef } from 'vue'

import { CameraError, openCamera, type Camera, type CameraTrouble } from './camera'
import { decode, DecoderFailed, warmUp } from './decoder'
import { cameraOpens, cancel } from './stopwatch'

const FRAME_GAP_MS = 60
/** After this long without a code the page offers other ways. */
const SLOW_MS = 10_000

export interface Viewfinder {
  state: Ref<'starting' | 'live' | 'off'>
  trouble: Ref<CameraTrouble | null>
  decoderFailed: Ref<boolean>
  slow: Ref<boolean>
  camera: ShallowRef<Camera | null>
  torch: Ref<boolean>
  toggleTorch: () => Promise<void>
  zoomTo: (value: number) => Promise<void>
  /** Stops reading; the picture stays. */
  pause: () => void
  restart: () => Promise<void>
}

/** Opens the camera with the page, reads frames until one holds a code, reports it once, and lets go of the camera with the page. */
export function useViewfinder(video: Readonly<Ref<HTMLVideoElement | null>>, found: (text: string) => void): Viewfinder {
  const state = ref<'starting' | 'live' | 'off'>('starting')
  const trouble = ref<CameraTrouble | null>(null)
  const decoderFailed = ref(false)
  const slow = ref(false)
  const camera: ShallowRef<Camera | null> = shallowRef(null)
  const torch = ref(false)
  let reading = false
  /** Every start has its own number: a loop or a camera of an earlier one sees that its time is over. */
  let turn = 0

  async function restart(): Promise<void> {
    close()
    const mine = (turn += 1)
    state.value = 'starting'
    trouble.value = null
    decoderFailed.value = false
    slow.value = false
    cameraOpens()
    warmUp()
    try {
      const opened = video.value === null ? null : await openCamera(video.value)
      if (mine !== turn) {
        opened?.close()
        return
      }
      camera.value = opened
      state.value = 'live'
      reading = true
      void read(mine)
    } catch (error) {
      if (!(error instanceof CameraError)) throw error
      if (mine !== turn) return
      state.value = 'off'
      trouble.value = error.trouble
      cancel()
    }
  }

  async function read(mine: number): Promise<void> {
    const since = performance.now()
    const isOver = (): boolean => !reading || mine !== turn
    while (!isOver()) {
      const text = await look()
      if (isOver()) return
      if (text !== null) {
        reading = false
        video.value?.pause()
        found(text)
        return
      }
      slow.value = performance.now() - since > SLOW_MS
      await new Promise((resolve) => window.setTimeout(resolve, FRAME_GAP_MS))
    }
  }

  function look(): Promise<string | null> {
    const frame = document.hidden ? null : (camera.value?.frame() ?? null)
    return frame === null ? Promise.resolve(null) : tryDecode(frame)
  }

  async function tryDecode(frame: ImageData): Promise<string | null> {
    try {
      return await decode(frame)
    } catch (error) {
      if (!(error instanceof DecoderFailed)) throw error
      reading = false
      decoderFailed.value = true
      return null
    }
  }

  async function toggleTorch(): Promise<void> {
    torch.value = !torch.value
    await camera.value?.setTorch(torch.value)
  }

  function pause(): void {
    reading = false
  }

  function close(): void {
    reading = false
    turn += 1
    torch.value = false
    camera.value?.close()
    camera.value = null
  }

  onMounted(restart)
  onBeforeUnmount(close)
  return { state, trouble, decoderFailed, slow, camera, torch, toggleTorch, zoomTo: async (value) => camera.value?.setZoom(value), pause, restart }
}
