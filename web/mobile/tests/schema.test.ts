import { readFileSync } from 'node:fs'

import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'
import { expect, it } from 'vitest'

const OPENAPI = new URL('../../openapi.json', import.meta.url)
const SCHEMA = new URL('../src/api/schema.d.ts', import.meta.url)

it('the types are those of the OpenAPI document (else: npm run api)', async () => {
  const fresh = COMMENT_HEADER + astToString(await openapiTS(OPENAPI))
  expect(readFileSync(SCHEMA, 'utf8').trim()).toBe(fresh.trim())
}, 30_000)
