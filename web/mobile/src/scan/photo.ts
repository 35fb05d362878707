import { decode } from './decoder'

/** A sharp small code is found at the first size; a large blurred one often only after shrinking. */
const WIDTHS = [1600, 800, 2600]

/** Reads the code in a chosen photo; null when there is none or the file is no picture that this browser can show. */
export async function readPhoto(file: File): Promise<string | null> {
  let picture: ImageBitmap
  try {
    picture = await createImageBitmap(file)
  } catch (error) {
    if (error instanceof DOMException) return null
    throw error
  }
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) return null
  for (const width of WIDTHS) {
    const scale = Math.min(1, width / Math.max(picture.width, picture.height))
    canvas.width = Math.max(1, Math.round(picture.width * scale))
    canvas.height = Math.max(1, Math.round(picture.height * scale))
    context.drawImage(picture, 0, 0, canvas.width, canvas.height)
    const text = await decode(context.getImageData(0, 0, canvas.width, canvas.height))
    if (text !== null) return text
  }
  return null
}
