/** The camera as the scan page needs it: open, frames, torch, zoom, close; every failure as one word. */

export type CameraTrouble = 'denied' | 'none' | 'busy' | 'insecure'

export class CameraError extends Error {
  constructor(readonly trouble: CameraTrouble) {
    super(trouble)
    this.name = 'CameraError'
  }
}

/** Not yet in the DOM typings: present on phones. */
interface LensCapabilities extends MediaTrackCapabilities {
  torch?: boolean
  zoom?: { min: number; max: number; step: number }
}

export interface Zoom {
  min: number
  max: number
  step: number
}

export interface Camera {
  readonly hasTorch: boolean
  readonly zoom: Zoom | null
  frame: () => ImageData | null
  setTorch: (on: boolean) => Promise<void>
  setZoom: (value: number) => Promise<void>
  close: () => void
}

const TROUBLES: Readonly<Record<string, CameraTrouble>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'none',
  OverconstrainedError: 'none',
  NotReadableError: 'busy',
  AbortError: 'busy',
}
/** Wider frames cost time and read no better. */
const FRAME_WIDTH = 1280

export async function openCamera(video: HTMLVideoElement): Promise<Camera> {
  if (!window.isSecureContext || !('mediaDevices' in navigator)) throw new CameraError('insecure')
  let stream: MediaStream
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } },
    })
  } catch (error) {
    if (error instanceof DOMException) throw new CameraError(TROUBLES[error.name] ?? 'none')
    throw error
  }
  const track = stream.getVideoTracks()[0]
  if (track === undefined) throw new CameraError('none')
  video.srcObject = stream
  try {
    await video.play()
  } catch (error) {
    // The page was left, or the system paused the picture, before it began.
    for (const one of stream.getTracks()) one.stop()
    if (error instanceof DOMException) throw new CameraError('busy')
    throw error
  }
  return handle(video, stream, track)
}

function handle(video: HTMLVideoElement, stream: MediaStream, track: MediaStreamTrack): Camera {
  const can: LensCapabilities = 'getCapabilities' in track ? track.getCapabilities() : {}
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const set = (constraint: Record<string, unknown>): Promise<void> => track.applyConstraints({ advanced: [constraint] })
  return {
    hasTorch: can.torch === true,
    zoom: can.zoom !== undefined && can.zoom.max > can.zoom.min ? can.zoom : null,
    frame: () => {
      if (context === null || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) return null
      const scale = Math.min(1, FRAME_WIDTH / video.videoWidth)
      canvas.width = Math.round(video.videoWidth * scale)
      canvas.height = Math.round(video.videoHeight * scale)
      context.drawImage(video, 0, 0, canvas.width, canvas.height)
      return context.getImageData(0, 0, canvas.width, canvas.height)
    },
    setTorch: (on) => set({ torch: on }),
    setZoom: (value) => set({ zoom: value }),
    close: () => {
      for (const one of stream.getTracks()) one.stop()
      video.srcObject = null
    },
  }
}
