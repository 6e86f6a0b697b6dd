/** docs/reference/json/: a JSON schema for each document, and a page about all of them. */

import { z } from 'zod'
import type { Document } from './document.ts'
import { documents } from './index.ts'
import { observationData } from './observation-data.ts'

export function renderDocumentSchema({ schema, command }: Document): string {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    // Of our own types only: a reader may do with the document what it likes.
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly
    },
  })
  return `${JSON.stringify({ title: command, ...made }, null, 2)}\n`
}

const typeOf = (schema: z.ZodType) => ('type' in schema.def ? String(schema.def.type) : '')

/** The page regenerates with the schemas. */
export function renderDocumentsPage(): string {
  return [
    '# JSON documents',
    '',
    'Generated from `scripts/lab/documents/`: `npx vitest run test/lab/documents.test.ts -u` regenerates it.',
    '',
    'A command with `--json` prints one document on stdout and nothing else; progress and warnings go to stderr. Streams',
    '(`logs`, `status --watch`) print one document on each line. The field `schema` names the document and its version. A',
    'version only gains fields; a field that changes or goes raises the version. Ids of observations, problems and rules',
    'are the same in every run. The exit code is the same as without `--json`.',
    '',
    '| command | `schema` | JSON schema |',
    '| --- | --- | --- |',
    ...documents.map(({ command, id, name }) => `| \`${command}\` | \`${id}\` | [${name}](${name}.schema.json) |`),
    '',
    '## Values of observations',
    '',
    'An observation says in `seen` what was seen, in words. Those below also have the values, in `data`:',
    '',
    '| id | data |',
    '| --- | --- |',
    ...observationData.map(({ id, data }) => {
      const fields = Object.entries(data).map(([name, schema]) => `\`${name}\` (${typeOf(schema)})`)
      return `| \`${id}\` | ${fields.join(', ')} |`
    }),
    '',
  ].join('\n')
}
