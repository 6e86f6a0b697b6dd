/** The JSON documents: their published schemas, and what the commands' readers make against them. */

import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { documents } from '../../scripts/lab/documents/index.ts'
import { observationData, wrongData } from '../../scripts/lab/documents/observation-data.ts'
import { renderDocumentSchema, renderDocumentsPage } from '../../scripts/lab/documents/page.ts'

test('docs/reference/json/README.md is what the documents say (run with -u to regenerate it)', async () => {
  await expect(renderDocumentsPage()).toMatchFileSnapshot('../../docs/reference/json/README.md')
})

describe.each(documents.map((document) => [document.name, document] as const))('%s', (name, document) => {
  test('its published schema is the one in use (run with -u to regenerate it)', async () => {
    await expect(renderDocumentSchema(document)).toMatchFileSnapshot(`../../docs/reference/json/${name}.schema.json`)
  })

  test('its schema is valid, names its version, and takes no other document', () => {
    const validate = new Ajv2020({ strict: false, formats: { 'date-time': true } }).compile(
      JSON.parse(renderDocumentSchema(document)),
    )
    expect(validate({ schema: 'duostack/other/v1' })).toBe(false)
    expect(document.id).toMatch(/^duostack\/[a-z-]+\/v\d+$/)
  })
})

describe('values of observations', () => {
  const seen = { what: '', ok: true, seen: '', next: '' }

  test('are documented by the form of the id, each once', () => {
    expect(new Set(observationData.map(({ id }) => id)).size).toBe(observationData.length)
    expect(wrongData({ ...seen, id: 'clock/compute1', data: { source: '10.0.0.11', stratum: 10 } })).toEqual([])
    expect(wrongData({ ...seen, id: 'instance/test/ping', data: { address: '203.0.113.7' } })).toEqual([])
  })

  test('that are not documented, or are a number in words, are found', () => {
    expect(wrongData({ ...seen, id: 'clock/compute1', data: { stratum: '10' } })).toHaveLength(1)
    expect(wrongData({ ...seen, id: 'clock/compute1', data: { offset: 1 } })).toHaveLength(1)
    expect(wrongData({ ...seen, id: 'other', data: { seconds: 1 } })).toHaveLength(1)
  })
})
