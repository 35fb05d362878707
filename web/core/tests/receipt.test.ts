/** The same vectors as `tests/rights/test_receipt_vectors.py`: a receipt that the server finds forged is forged in the browser, too. */
import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { fromHex } from '../src/bytes'
import { readKey } from '../src/note'
import { checkReceipt, readReceiptKey } from '../src/receipt'

interface Vectors {
  keys: string[]
  log: string[]
  witnesses: string[]
  content: Record<string, unknown>
  cases: { name: string; file: string; answer: { readable: boolean; signature?: string; log?: string } }[]
}

const vectors = JSON.parse(readFileSync(new URL('../../../tests/vectors/receipts.json', import.meta.url), 'utf8')) as Vectors
const keys = vectors.keys.map((word) => readReceiptKey(word)).filter((key) => key !== null)
const log = vectors.log.map(readKey)
const witnesses = vectors.witnesses.map(readKey)
const good = fromHex(vectors.cases[0]?.file ?? '')

describe('a receipt', () => {
  it.each(vectors.cases)('$name', ({ file, answer }) => {
    const found = checkReceipt(fromHex(file), keys, log, witnesses)
    expect(found.readable ? { readable: true, signature: found.signature, log: found.log } : { readable: false }).toEqual(answer)
  })

  it('tells what it says', () => {
    const found = checkReceipt(good, keys, log)
    expect(found.readable && found.content).toEqual(vectors.content)
    const seen = checkReceipt(fromHex(vectors.cases[1]?.file ?? ''), keys, log, witnesses)
    expect(seen.readable && seen.cosignedBy).toHaveLength(2)
  })

  it('is good neither without keys nor with half of them', () => {
    expect(checkReceipt(good, [], [])).toMatchObject({ signature: 'not_checked', log: 'not_checked' })
    expect(checkReceipt(good, keys.slice(0, 1), log)).toMatchObject({ signature: 'bad' })
    expect(checkReceipt(good, keys.slice(1), log)).toMatchObject({ signature: 'bad' })
  })

  it.each(['', 'ES256', 'ES256:', 'RS256:AAAA', 'SM2SM3:!!', 'ES256:AAAA'])('%j is no key', (word) => {
    expect(readReceiptKey(word)).toBeNull()
  })
})
