/** The files of ansible-vars/ as JSON schemas, so that editors complete keys, explain them and mark mistakes. */

import { z } from 'zod'
import { type DeclarationFile, keyNotes } from './key-notes.ts'
import * as schema from './schema.ts'

export interface JsonSchema {
  type?: string | string[]
  properties?: Record<string, JsonSchema>
  additionalProperties?: boolean | JsonSchema
  required?: string[]
  enum?: unknown[]
  const?: unknown
  minimum?: number
  maximum?: number
  default?: unknown
  description?: string
  /** The lab's own words for what is allowed. */
  allowed?: string
  [keyword: string]: unknown
}

const schemas: Record<DeclarationFile, z.ZodType> = {
  hosts: schema.hostsSchema,
  all: schema.allSchema,
  controller: schema.controllerSchema,
  compute: schema.computeSchema,
  storage: schema.storageSchema,
}

/** The message of a schema for an invalid value; in our schemas it says what is allowed. */
function allowedBy(type: z.core.$ZodType): string | undefined {
  const result = z.safeParse(type, Symbol('no such value'))
  return result.success ? undefined : result.error.issues[0]?.message
}

/** As zod sees the file, with the lab's own words; not yet with the notes. */
function bareSchema(file: DeclarationFile): JsonSchema {
  const made = z.toJSONSchema(schemas[file], {
    io: 'output',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const json = jsonSchema as JsonSchema
      const allowed = allowedBy(zodSchema)
      if (allowed) json.allowed = allowed
      const { type } = zodSchema._zod.def
      // `key:` with nothing behind it counts as an empty mapping.
      if (type === 'pipe') json.type = ['object', 'null']
      // What has a default may be left out.
      if (type === 'object') json.required = (json.required ?? []).filter((key) => !hasDefault(json.properties?.[key]))
    },
  }) as JsonSchema
  return made
}

const hasDefault = (json: JsonSchema | undefined) => json?.default !== undefined

/** Every key of a file with what is known of it, in the order of the file; `*` is a name that the user chooses. */
export function walkKeys(
  json: JsonSchema,
  path: readonly string[] = [],
): { path: string; json: JsonSchema; required: boolean }[] {
  const named = Object.entries(json.properties ?? {}).flatMap(([key, value]) => [
    { path: [...path, key].join('.'), json: value, required: json.required?.includes(key) ?? false },
    ...walkKeys(value, [...path, key]),
  ])
  const chosen =
    typeof json.additionalProperties === 'object' ? walkKeys(json.additionalProperties, [...path, '*']) : []
  return [...named, ...chosen]
}

/** The whole schema of one file: with what each key means, its unit, and its delivered value as the default. */
export function jsonSchemaOf(file: DeclarationFile): JsonSchema {
  const json = bareSchema(file)
  for (const { path, json: key } of walkKeys(json)) {
    const note = keyNotes[file][path]
    if (!note) continue
    const { means, unit, delivered, without } = note
    key.description = [
      means,
      unit ? `Unit: ${unit}.` : '',
      key.allowed && !key.properties ? `Allowed: ${key.allowed}.` : '',
      without ? `Left out: ${without}.` : '',
    ]
      .filter(Boolean)
      .join(' ')
    if (delivered !== undefined) key.default = delivered
  }
  return json
}

/** As it is written to docs/reference/schema/<file>.json. */
export function renderJsonSchema(file: DeclarationFile): string {
  const { $schema, ...rest } = jsonSchemaOf(file)
  const title = file === 'hosts' ? 'ansible-vars/hosts.yml' : `ansible-vars/group_vars/${file}.yml`
  const text = JSON.stringify({ $schema, title, ...rest }, (key, value) => (key === 'allowed' ? undefined : value), 2)
  return `${text}\n`
}
