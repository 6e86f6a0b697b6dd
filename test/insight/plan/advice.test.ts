/** `./lab plan` in a temporary checkout: warnings about possible mistakes also appear when the lab is only planned. */

import { cp, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../fixtures/folder.ts'

const checkout = resolve(import.meta.dirname, '../../..')
const takenAlong = ['scripts', 'ansible-vars', 'package.json', 'tsconfig.json', 'env.cjs', 'terraform-providers']

test('an option that this release does not know is shown next to the plan, not in it', async () => {
  const copy = temporaryFolder()
  for (const name of takenAlong) await cp(join(checkout, name), join(copy, name), { recursive: true })
  await symlink(join(checkout, 'node_modules'), join(copy, 'node_modules'))
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
