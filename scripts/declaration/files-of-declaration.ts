/** The files of ansible-vars/, and which other files there nobody would read. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Checked, checkSource } from './check.ts'
import type { Finding } from './errors.ts'
import * as schema from './schema.ts'
import { readSource } from './source.ts'

const folder = 'ansible-vars'

export interface DeclarationFiles {
  hosts: Checked<{ all: { children: schema.Inventory } }>
  all: Checked<schema.AllVars>
  controller: Checked<schema.GroupVars>
  compute: Checked<schema.GroupVars>
  storage: Checked<schema.StorageVars>
}

export function readFiles(root: string): DeclarationFiles {
  const group = (name: string) => readSource(root, `${folder}/group_vars/${name}.yml`)
  return {
    hosts: checkSource(readSource(root, `${folder}/hosts.yml`), schema.hostsSchema),
    all: checkSource(group('all'), schema.allSchema),
    controller: checkSource(group('controller'), schema.controllerSchema),
    compute: checkSource(group('compute'), schema.computeSchema),
    storage: checkSource(group('storage'), schema.storageSchema),
  }
}

const known = ['hosts.yml', 'secrets.yml', 'group_vars']
const knownGroups = ['all.yml', 'controller.yml', 'compute.yml', 'storage.yml']

/** Those of them that exist, by their path in the checkout. */
export const filesOf = (root: string): string[] =>
  ['hosts.yml', ...knownGroups.map((name) => `group_vars/${name}`)]
    .map((name) => `${folder}/${name}`)
    .filter((file) => existsSync(join(root, file)))

/** Files and folders that Ansible would read but the lab does not: a setting there would silently have no effect. */
export function findUnknownFiles(root: string): Finding[] {
  return [...unknownIn(root, folder, known), ...unknownIn(root, `${folder}/group_vars`, knownGroups)]
}

function unknownIn(root: string, directory: string, expected: readonly string[]): Finding[] {
  let entries: string[]
  try {
    entries = readdirSync(join(root, directory))
  } catch {
    return []
  }
  return entries
    .filter((name) => !expected.includes(name) && (/\.(ya?ml|json)$/.test(name) || !name.includes('.')))
    .filter((name) => !name.startsWith('.') && !name.endsWith('~'))
    .sort()
    .map((name) => ({
      where: `${directory}/${name}`,
      given: 'not read by the lab: its content has no effect',
      allowed: `only these files here: ${expected.join(', ')}`,
      remedy: `move its settings to one of these, or remove it`,
    }))
}
