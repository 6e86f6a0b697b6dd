/**
 * Every declaration that must be rejected, with its error. Unit tests load them here; test/faults tries them on a
 * running lab.
 */

import { readdirSync, readFileSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { overridableFiles } from '../../scripts/declaration/override-files.ts'
import { serviceNames } from '../../scripts/declaration/service-profiles.ts'
import { edit, type FileName, pathOf, writeIn } from './checkout.ts'

export interface WrongDeclaration {
  title: string
  /** Makes the valid declaration below a checkout invalid. */
  spoil(root: string): void
  /** The whole message, or a part of it. */
  message: string | RegExp
}

interface Row {
  title: string
  edits: { file: FileName; from: string; to: string }[]
  message: string
}

/** Lists that grow with each service; the gallery of errors has them in full. */
const complete = (message: string) =>
  message.replace('SERVICES', serviceNames.join(', ')).replace('INI-FILES', Object.keys(overridableFiles).join(', '))

const folder = join(import.meta.dirname, 'wrong')

/** The tables in `wrong`, each with its name. */
export const wrongTables: Readonly<Record<string, readonly WrongDeclaration[]>> = Object.fromEntries(
  readdirSync(folder).map((table) => {
    const rows: Row[] = parse(readFileSync(join(folder, table), 'utf8'))
    return [
      table,
      rows.map(({ title, edits, message }) => ({
        title,
        spoil(root) {
          for (const { file, from, to } of edits) edit(root, file, from, to)
        },
        message: complete(message.replace(/\n$/, '')),
      })),
    ]
  }),
)

const all = pathOf('all')

const wholeText = (pattern: string) => new RegExp(`^${pattern}$`)

const strangeLetters = {
  'a letter of another script': 'duost\u0430ck',
  'an accent': 'd\u00fcostack',
  'a zero-width space': 'duo\u200bstack',
  'a right-to-left mark': 'duo\u200fstack',
  'an emoji': 'duo\u{1f980}',
  'full-width digits': 'duo\uff11',
}

/** Errors of a file as a whole, or content that does not fit into a table. */
export const wrongFiles: readonly WrongDeclaration[] = [
  {
    title: 'a file that is not there',
    spoil: (root) => unlinkSync(join(root, all)),
    message: `${all}: no such file\n    expected: a YAML file\n    hint: restore it: git checkout -- ${all}`,
  },
  {
    title: 'a file of over 1 MB',
    spoil: (root) => writeIn(root, all, `# ${'x'.repeat(1_000_000)}\n`),
    message: `${all}: 1000003 bytes\n    expected: a YAML file of up to 1 MB`,
  },
  {
    title: 'a file of 10 MB',
    spoil: (root) => writeIn(root, all, new Uint8Array(10_000_000).fill(0x20)),
    message: `${all}: 10000000 bytes\n    expected: a YAML file of up to 1 MB`,
  },
  ...Object.entries(strangeLetters).map(([what, name]) => ({
    title: `a name with ${what}`,
    spoil: (root: string) => edit(root, 'all', 'duostack', name),
    message: /^ansible-vars\/group_vars\/all\.yml:1(:11)?: [\s\S]*expected: /,
  })),
  {
    title: 'a device',
    spoil: (root) => {
      unlinkSync(join(root, all))
      symlinkSync('/dev/zero', join(root, all))
    },
    message: /all\.yml: not a regular file/,
  },
  {
    title: 'a file that is not UTF-8',
    spoil: (root) => writeIn(root, all, Uint8Array.of(0x6c, 0xff, 0xfe)),
    message: /all\.yml: not UTF-8/,
  },
  {
    title: 'a control character',
    spoil: (root) => edit(root, 'all', 'RegionOne', 'Region\u001bOne'),
    message: /all\.yml:4: a control character/,
  },
  {
    title: 'brackets nested without end',
    spoil: (root) => writeIn(root, all, `lab_name: ${'['.repeat(200_000)}`),
    message: /all\.yml.*: brackets or lists nested too deeply/,
  },
  {
    title: 'files that Ansible would read and the lab would not',
    spoil: (root) => {
      writeIn(root, 'ansible-vars/host_vars/compute1.yml', 'vcpus: 8\n')
      writeIn(root, 'ansible-vars/group_vars/neutron.yml', 'a: 1\n')
      writeIn(root, 'ansible-vars/group_vars/all.yml~', 'left by an editor\n')
    },
    message: wholeText(
      ['group_vars/neutron.yml', 'host_vars']
        .map((what) => `ansible-vars/${what}: not read by the lab: its content has no effect\n(?: .*\n?)*`)
        .join(''),
    ),
  },
]
