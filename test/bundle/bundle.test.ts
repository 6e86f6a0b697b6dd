import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { listCheckout, makeBundle } from '../../scripts/bundle/bundle.ts'
import type { Save } from '../../scripts/checkpoint/saves.ts'
import type { Progress } from '../../scripts/run/progress.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const progress: Progress = { step: (_, work) => work(() => {}), line: () => {} }

function clone(): string {
  const root = join(temporaryFolder(), 'checkout')
  mkdirSync(root)
  cpSync('ansible-vars', join(root, 'ansible-vars'), { recursive: true })
  rmSync(join(root, 'ansible-vars/secrets.yml'), { force: true })
  cpSync('.gitignore', join(root, '.gitignore'))
  execaSync('git', ['-C', root, 'init', '-q'])
  execaSync('git', ['-C', root, 'add', '-A'])
  return root
}

test('of a checkout goes along what git knows and the declaration, no password and nothing else that lies there', async () => {
  const root = clone()
  for (const name of ['ansible-vars/secrets.yml', 'roster.csv', 'ansible-vars/group_vars/storage.yml'])
    writeFileSync(join(root, name), '')
  rmSync(join(root, '.gitignore'))
  expect((await listCheckout(root)).sort()).toEqual([
    'ansible-vars/group_vars/all.yml',
    'ansible-vars/group_vars/compute.yml',
    'ansible-vars/group_vars/controller.yml',
    'ansible-vars/group_vars/storage.yml',
    'ansible-vars/hosts.yml',
  ])
})

const withMemory = { name: 'one', hypervisor: 'kvm', memory: { processor: 'p', qemu: '7' } } as Save
const refusals: Record<string, [(root: string) => void, RegExp, Save?]> = {
  'a file that exists': [(root) => writeFileSync(join(root, '../bundle.tar'), 'mine'), /which exists already/],
  'a checkout that is no clone': [(root) => rmSync(join(root, '.git'), { recursive: true }), /no git repository/],
  'a folder of the user with the name of its own': [
    (root) => mkdirSync(join(root, '../bundle.tar.partial/mine'), { recursive: true }),
    /bundle\.tar\.partial, which has other files/,
  ],
  'a save with memory': [() => {}, /save one: holds the memory[\s\S]*\.\/lab bundle .* --save one-off/, withMemory],
  'a stock image': [
    (root) =>
      writeFileSync(
        join(root, 'ansible-vars/group_vars/all.yml'),
        `lab_node_image:\n  source: https://localhost/image.qcow2\n  checksum: sha256:${'0'.repeat(64)}\n  package_sources: [deb http://localhost bookworm main]\n`,
        { flag: 'a' },
      ),
    /a stock image, for which packages are fetched/,
  ],
}

test.each(Object.entries(refusals))('%s is refused, and nothing is left', async (_, [change, said, save]) => {
  const root = clone()
  change(root)
  const before = readdirSync(join(root, '..'))
  await expect(makeBundle(root, join(root, '../bundle.tar'), { progress, save })).rejects.toThrow(said)
  expect(readdirSync(join(root, '..'))).toEqual(before)
})
