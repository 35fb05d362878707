/** One worker for the whole session: loading the reader costs more than a hundred decodings. */
import type { Answer, Question } from './decode.worker'

export class DecoderFailed extends Error {
  override readonly name = 'DecoderFailed'
}

let worker: Worker | null = null
let counter = 0
const waiting = new Map<number, { resolve: (text: string | null) => void; reject: (error: DecoderFailed) => void }>()

function started(): Worker {
  if (worker !== null) return worker
  worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' })
  worker.addEventListener('message', (event: MessageEvent<Answer>) => {
    const { id, text, failed } = event.data
    const asked = waiting.get(id)
    waiting.delete(id)
    if (failed) asked?.reject(new DecoderFailed())
    else asked?.resolve(text)
  })
  worker.addEventListener('error', () => {
    for (const asked of waiting.values()) asked.reject(new DecoderFailed())
    waiting.clear()
    worker?.terminate()
    worker = null
  })
  return worker
}

function ask(image: ImageData | null): Promise<string | null> {
  counter += 1
  const question: Question = { id: counter, image }
  return new Promise((resolve, reject) => {
    waiting.set(question.id, { resolve, reject })
    started().postMessage(question, image === null ? [] : [image.data.buffer])
  })
}

/** Loads and compiles the reader ahead of the first frame. */
export function warmUp(): void {
  ask(null).catch(() => undefined)
}

/** The text of the QR code in the picture, or null. The pixels are moved to the worker and are gone afterwards. */
export function decode(image: ImageData): Promise<string | null> {
  return ask(image)
}
