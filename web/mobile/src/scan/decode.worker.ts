/// <reference lib="webworker" />
/** Reads QR codes off the main thread. The WebAssembly comes from the app's own address: by default zxing-wasm would fetch it from a CDN. */
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url'

export type Question = { id: number; image: ImageData } | { id: number; image: null }
export interface Answer {
  id: number
  text: string | null
  failed: boolean
}

declare const self: DedicatedWorkerGlobalScope

const ready = prepareZXingModule({
  overrides: { locateFile: (name: string, prefix: string) => (name.endsWith('.wasm') ? wasmUrl : prefix + name) },
  fireImmediately: true,
})

async function read(image: ImageData): Promise<string | null> {
  const found = await readBarcodes(image, { formats: ['QRCode'], tryHarder: true, maxNumberOfSymbols: 1 })
  return found[0]?.text ?? null
}

self.addEventListener('message', (event: MessageEvent<Question>) => {
  const { id, image } = event.data
  ready
    .then(() => (image === null ? null : read(image)))
    .then((text) => {
      self.postMessage({ id, text, failed: false } satisfies Answer)
    })
    .catch(() => {
      // The page turns this into words and offers the short code; the cause stands in the browser's own console.
      self.postMessage({ id, text: null, failed: true } satisfies Answer)
    })
})
