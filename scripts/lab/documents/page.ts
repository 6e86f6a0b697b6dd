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

/** Of the table: most are commands to type, one is a description. */
const cell = (command: string) => (command.startsWith('./lab') ? `\`${command}\`` : command)

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
    'version only gains fields; if a field changes or disappears, the number goes up. The exit code is the same as',
    'without `--json`. [Scripts and CI](../../guide/scripting.md) shows how to use them.',
    '',
    'Three words that the schemas use: an *observation* is one thing that was checked and what was seen (`verify`,',
    '`status`, `topology --path`); a *rule* is one problem that the doctor looks for; a *problem* is a rule that applies,',
    'with its cause. Their ids are the same in every run.',
    '',
    '| command | `schema` | JSON schema |',
    '| --- | --- | --- |',
    ...documents.map(({ command, id, name }) => `| ${cell(command)} | \`${id}\` | [${name}](${name}.schema.json) |`),
    '',
    '## Values of observations',
    '',
    'An observation says in `seen` what was seen, in words. The observations with these ids also give the values, in',
    '`data`. A word in capitals stands for any word: `agents/NODE` is `agents/compute1`, for example. Any of them may',
    'have `tried: false` instead: it was not checked, because what it rests on does not hold.',
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
