/** The JSON documents: their published schemas, and what the commands' readers make against them. */

import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import type { Status } from '../../scripts/health/status/status.ts'
import type { HostReport } from '../../scripts/host/report.ts'
import type { Changes } from '../../scripts/insight/plan/changes.ts'
import type { ShownPlan } from '../../scripts/insight/plan/text.ts'
import type { Topology } from '../../scripts/insight/topology/model.ts'
import type { Versions } from '../../scripts/insight/versions.ts'
import type { Content } from '../../scripts/lab/documents/document.ts'
import type { hostDocument, statusDocument } from '../../scripts/lab/documents/health.ts'
import { documents } from '../../scripts/lab/documents/index.ts'
import type { topologyDocument } from '../../scripts/lab/documents/network.ts'
import { observationData, wrongData } from '../../scripts/lab/documents/observation-data.ts'
import type { versionDocument } from '../../scripts/lab/documents/others.ts'
import { renderDocumentSchema, renderDocumentsPage } from '../../scripts/lab/documents/page.ts'
import type { planDocument } from '../../scripts/lab/documents/plan.ts'

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

type Paths<T> = T extends readonly (infer Item)[]
  ? Paths<Item>
  : T extends object
    ? { [Key in keyof T & string]: Key | `${Key}.${Paths<T[Key]>}` }[keyof T & string]
    : never

type Missing<Read, Printed> = Exclude<Paths<Read>, Paths<Printed>>

/** Makes the compiler reject a call where `Read` has fields that `Printed` lacks: it does not check that by itself. */
const expectAllFields = <Read, Printed>(
  ..._: [Missing<Read, Printed>] extends [never] ? [] : [missing: Missing<Read, Printed>]
) => {}

test('whatever is read has its field in the schema (checked by the compiler)', () => {
  expectAllFields<Status, Content<typeof statusDocument>>()
  expectAllFields<HostReport, Content<typeof hostDocument>>()
  expectAllFields<ShownPlan & { changes: Changes }, Content<typeof planDocument>>()
  expectAllFields<Topology, Content<typeof topologyDocument>>()
  expectAllFields<Versions, Content<typeof versionDocument>>()
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
