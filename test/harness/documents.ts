/** Documents that a command prints for programs, each checked against its published schema. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { wrongData } from '../../scripts/lab/documents/observation-data.ts'
import type { Observation } from '../../scripts/run/check.ts'
import type { Copy } from './copy.ts'
import { tail } from './output.ts'

const published = join(import.meta.dirname, '../../docs/reference/json')
const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { 'date-time': true } })
const validators = new Map<string, ValidateFunction>()

function validatorOf(id: string): ValidateFunction {
  const name = /^duostack\/([a-z-]+)\/v\d+$/.exec(id)?.[1] ?? ''
  const known = validators.get(name)
  if (known) return known
  const made = ajv.compile(JSON.parse(readFileSync(join(published, `${name}.schema.json`), 'utf8')))
  validators.set(name, made)
  return made
}

type Found = Record<string, unknown> & { schema: string }

/** Everything in a document that has the shape of an observation. */
function observationsIn(value: unknown): Observation[] {
  if (typeof value !== 'object' || value === null) return []
  const own = 'seen' in value && 'data' in value ? [value as Observation] : []
  return [...own, ...Object.values(value).flatMap(observationsIn)]
}

/** Throws unless stdout is exactly one document that its schema accepts. */
export function parseDocument<T = Found>(stdout: string): T {
  const document = JSON.parse(stdout) as Found
  const validate = validatorOf(document.schema)
  expect([validate(document), validate.errors], document.schema).toEqual([true, null])
  expect(observationsIn(document).flatMap(wrongData)).toEqual([])
  return document as T
}

/** What `./lab ARGS --json` prints. */
export async function readDocument<T = Found>(copy: Copy, ...args: string[]) {
  const { stdout, exitCode, all } = await copy.run('./lab', ...args, '--json')
  expect(String(stdout), tail(all)).toMatch(/^\{/)
  return { document: parseDocument<T>(String(stdout)), exitCode }
}
