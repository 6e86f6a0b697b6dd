/** docs/reference/declaration.md: each key of ansible-vars/ with type, range, unit and default, from schema and notes. */

import { type JsonSchema, jsonSchemaOf, walkKeys } from './json-schema.ts'
import { type DeclarationFile, declarationFiles, keyNotes } from './key-notes.ts'

const titles: Record<DeclarationFile, string> = {
  hosts: 'hosts.yml: the nodes',
  all: 'group_vars/all.yml: the whole lab',
  controller: 'group_vars/controller.yml: the size of the controller',
  compute: 'group_vars/compute.yml: the size of a compute node',
  storage: 'group_vars/storage.yml: the disk of a storage node',
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
    '# Configuration',
    '',
    'Every key of the files in `ansible-vars/`, which define a lab. Generated from the schema that checks them:',
    '`npx vitest run test/declaration/reference.test.ts -u` regenerates it.',
    '',
    'The default is the value in the file as shipped. "Left out" says what applies if the key is missing; a key without',
    'it is required. `*` stands for the name of a node. Values must be plain: Jinja (`{{ }}`), `!vault`, anchors and',
    'aliases are rejected. After an edit, `./lab plan` shows what would change, and `./lab up` changes it.',
    '',
    'The first line of each file names its JSON schema, so that an editor with a YAML language server completes keys,',
    'explains them and marks mistakes. The schemas are in `docs/reference/schema/`.',
    '',
    ...sections,
  ].join('\n')
}
