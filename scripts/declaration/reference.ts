/** docs/reference/declaration.md: each key of ansible-vars/ with type, range, unit and default, from schema and notes. */

import { type JsonSchema, jsonSchemaOf, walkKeys } from './json-schema.ts'
import { type DeclarationFile, declarationFiles, keyNotes } from './key-notes.ts'

const titles: Record<DeclarationFile, string> = {
  hosts: 'hosts.yml: which nodes there are',
  all: 'group_vars/all.yml: the whole lab',
  controller: 'group_vars/controller.yml: size of the controller',
  compute: 'group_vars/compute.yml: size of a compute node',
  storage: 'group_vars/storage.yml: disk of a storage node',
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

function typeOf({ type, enum: words }: JsonSchema): string {
  if (words) return 'word'
  const name = Array.isArray(type) ? type[0] : type
  return (
    { integer: 'whole number', string: 'text', boolean: 'true or false', object: 'mapping', array: 'list' }[
      name ?? ''
    ] ?? 'value'
  )
}

function rowsOf(file: DeclarationFile): string[] {
  return walkKeys(jsonSchemaOf(file)).flatMap(({ path, json }) => {
    const note = keyNotes[file][path]
    if (!note) return []
    const { means, unit = '', delivered, without } = note
    const value = delivered === undefined ? '' : `\`${delivered}\``
    const absent = without ? `left out: ${without}` : value ? '' : 'required'
    const allowed = json.properties ? '' : (json.allowed ?? '')
    const columns = [`\`${path}\``, typeOf(json), unit, [value, absent].filter(Boolean).join('; '), allowed, means]
    return [`| ${columns.map(cell).join(' | ')} |`]
  })
}

export function renderDeclarationReference(): string {
  const sections = declarationFiles.flatMap((file) => [
    `## ${titles[file]}`,
    '',
    '| key | type | unit | default | allowed | what it is |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rowsOf(file),
    '',
  ])
  return [
    '# The declaration',
    '',
    'Every key of the files in `ansible-vars/`. Generated from the schema that checks them:',
    '`npx vitest run test/declaration/reference.test.ts -u` writes it anew.',
    '',
    'A default in this table is the value that stands in the file as it is delivered. A key without "left out" must be',
    'there. `*` stands for the name of a node. Plain values only: Jinja (`{{ }}`), `!vault`, anchors and aliases are',
    'refused. After an edit, `./lab plan` says what would change, and `./lab up` does it.',
    '',
    'The files name a JSON schema in their first line, so that an editor with a YAML language server completes keys,',
    'explains them and marks mistakes; the schemas stand in `docs/reference/schema/`.',
    '',
    ...sections,
  ].join('\n')
}
