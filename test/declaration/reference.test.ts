/** The JSON schemas and docs/reference/declaration.md agree with what the lab accepts. */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { jsonSchemaOf, renderJsonSchema, walkKeys } from '../../scripts/declaration/json-schema.ts'
import { type DeclarationFile, declarationFiles, keyNotes } from '../../scripts/declaration/key-notes.ts'
import { renderDeclarationReference } from '../../scripts/declaration/reference.ts'

const root = resolve(import.meta.dirname, '../..')
const pathOf = (file: DeclarationFile) =>
  file === 'hosts' ? 'ansible-vars/hosts.yml' : `ansible-vars/group_vars/${file}.yml`
const read = (folder: string, file: DeclarationFile) =>
  parse(readFileSync(join(folder, pathOf(file)), 'utf8'), { version: '1.1' }) as Record<string, unknown>

test('docs/reference/declaration.md matches the schema (run with -u to regenerate it)', async () => {
  await expect(renderDeclarationReference()).toMatchFileSnapshot('../../docs/reference/declaration.md')
})

describe.each(declarationFiles)('%s', (file) => {
  test('its JSON schema matches the schema (run with -u to regenerate it)', async () => {
    await expect(renderJsonSchema(file)).toMatchFileSnapshot(`../../docs/reference/schema/${file}.json`)
  })

  test('every key has a note, and every note a key', () => {
    // Between the file and its keys there are mappings that only group others.
    const keys = walkKeys(jsonSchemaOf(file))
    const notes = Object.keys(keyNotes[file])
    const leaves = keys.filter(({ json }) => !json.properties && typeof json.additionalProperties !== 'object')
    expect(leaves.map(({ path }) => path).filter((path) => !notes.includes(path))).toEqual([])
    expect(notes.filter((path) => !keys.some((key) => key.path === path))).toEqual([])
  })

  test('an editor accepts a valid file', () => {
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(renderJsonSchema(file)))
    expect([validate(read(import.meta.dirname, file)), validate.errors]).toEqual([true, null])
  })

  // Users edit these files, so the delivered state can be checked only if nobody has changed them.
  test.runIf(process.env['CI'])('the delivered file has the defaults and names its schema', () => {
    const values = read(root, file)
    const at = (path: string) => path.split('.').reduce<unknown>((one, key) => (one as never)?.[key], values)
    for (const [path, { delivered }] of Object.entries(keyNotes[file])) {
      if (delivered !== undefined && !path.startsWith('lab_services.'))
        expect([path, at(path)]).toEqual([path, delivered])
    }
    const up = file === 'hosts' ? '..' : '../..'
    expect(readFileSync(join(root, pathOf(file)), 'utf8')).toMatch(
      new RegExp(
        `^# yaml-language-server: \\$schema=${up.replaceAll('.', '\\.')}/docs/reference/schema/${file}\\.json\n`,
      ),
    )
  })
})

test.each([
  ['a mistyped key', 'all', { lab_nam: 'x' }, '/'],
  ['a number out of range', 'all', { lab_api_workers: 17 }, '/lab_api_workers'],
  ['a word that is none of the allowed', 'all', { lab_hypervisor: 'vmware' }, '/lab_hypervisor'],
  ['a service that every lab has, switched off', 'all', { lab_services: { glance: false } }, '/lab_services/glance'],
  ['text where a number belongs', 'compute', { memory_mib: '3 GiB' }, '/memory_mib'],
] as const)('an editor marks %s', (_, file, change, where) => {
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(renderJsonSchema(file)))
  expect(validate({ ...read(import.meta.dirname, file), ...change })).toBe(false)
  expect(validate.errors?.map(({ instancePath }) => instancePath || '/')).toContain(where)
})

test('a completion in an editor says what the key means, its unit and what is allowed', () => {
  const key = jsonSchemaOf('all').properties?.['lab_cloud']?.properties?.['flavor']?.properties?.['ram_mib']
  expect(key?.description).toMatch(/[Mm]emory.*Unit: MiB.*Allowed: a whole number from 128 to 65536/)
  expect(key?.default).toBe(256)
})
