/** `./lab plan` in a temporary checkout: what `up` would warn of or refuse appears when the lab is only planned. */

import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { newIdentity, writeIdentity } from '../../../scripts/declaration/identity.ts'
import { loadDeclaration } from '../../../scripts/declaration/load.ts'
import { temporaryFolder } from '../../fixtures/folder.ts'

const checkout = resolve(import.meta.dirname, '../../..')
const takenAlong = ['scripts', 'ansible-vars', 'package.json', 'tsconfig.json', 'env.cjs', 'terraform-providers']

async function copyCheckout(): Promise<string> {
  const copy = temporaryFolder()
  for (const name of takenAlong) await cp(join(checkout, name), join(copy, name), { recursive: true })
  await symlink(join(checkout, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

test('an option that this release does not know is shown next to the plan, not in it', async () => {
  const copy = await copyCheckout()
  const file = join(copy, 'ansible-vars/group_vars/all.yml')
  const override = 'lab_config_overrides:\n  /etc/nova/nova.conf:\n    DEFAULT:\n      zebra_crossing: "1"\n'
  const declared = (await readFile(file, 'utf8')).replace(/^lab_config_overrides:.*\n/m, '')
  await writeFile(file, `${declared}\n${override}`)
  const { stdout, stderr } = await execa('node', ['scripts/run.mjs', 'scripts/lab/main.ts', 'plan', '--json'], {
    cwd: copy,
  })
  expect(stderr).toMatch(/^! ansible-vars.*all\.yml:\d+:\d+: .*zebra_crossing/m)
  expect(JSON.parse(stdout)).toHaveProperty('plan.services')
}, 240_000)

test('what cannot change on a running lab is refused as `up` does it, before anything is compared', async () => {
  const copy = await copyCheckout()
  const identity = newIdentity(loadDeclaration(copy), {
    hypervisor: 'lxc',
    isolation: 'netns',
    imageDigest: '0'.repeat(64),
    terraform: { name: 'tofu', path: '/usr/bin/tofu' },
    capabilities: { vlan: false, lvm: false },
  })
  writeIdentity(copy, { ...identity, region: 'RegionTwo' })
  const node = { mode: 'managed', type: 'libvirt_domain', name: 'controller', instances: [{}] }
  await mkdir(join(copy, '.lab/terraform'), { recursive: true })
  await writeFile(join(copy, '.lab/terraform/nodes.tfstate'), JSON.stringify({ resources: [node] }))
  const run = await execa('node', ['scripts/run.mjs', 'scripts/lab/main.ts', 'plan'], { cwd: copy, reject: false })
  expect(run.stderr).toContain('./lab up would refuse this, before it changes anything:')
  expect(run.stderr).toContain('lab_region: RegionOne\n    expected: RegionTwo, as the lab was built')
  expect(run.exitCode).toBe(1)
}, 240_000)
