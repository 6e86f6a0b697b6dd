/** Other ways to the same lab, from nothing and back: cdktf by hand, and OpenTofu in place of Terraform. */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Copy } from './copy.ts'
import { readMachine } from './machine.ts'

export function otherWays(copyOf: () => Copy, before: () => string[]): void {
  describeCdktf(copyOf, before)
  describeOpenTofu(copyOf, before)
}

function describeCdktf(copyOf: () => Copy, before: () => string[]): void {
  describe('literal cdktf', () => {
    test('npx cdktf deploy, with no stack named and no variable set, builds the lab', async () => {
      const file = join(copyOf().root, 'ansible-vars/group_vars/all.yml')
      await writeFile(file, (await readFile(file, 'utf8')).replace(/^lab_hypervisor:.*/m, 'lab_hypervisor: lxc'))
      expect((await copyOf().run('npx', 'cdktf', 'deploy', '--auto-approve')).exitCode).toBe(0)
      expect((await copyOf().run('./lab', 'verify')).exitCode).toBe(0)
    })

    test('an up over the same state changes nothing', async () => {
      expect((await copyOf().run('./lab', 'up')).all).toMatch(/Terraform: 0 added, 0 changed, 0 destroyed/)
    })

    test('npx cdktf destroy leaves nothing on the machine', async () => {
      expect((await copyOf().run('npx', 'cdktf', 'destroy', '--auto-approve')).exitCode).toBe(0)
      expect(await readMachine()).toEqual(before())
    })
  })
}

function describeOpenTofu(copyOf: () => Copy, before: () => string[]): void {
  describe('OpenTofu', () => {
    const recorded = async () => JSON.parse(await readFile(join(copyOf().root, '.lab/lab.json'), 'utf8')).terraform.name

    test('chosen at the first up, it builds the lab and is recorded', async () => {
      // What stands on top is the same for both programs.
      const file = join(copyOf().root, 'ansible-vars/group_vars/all.yml')
      const yaml = await readFile(file, 'utf8')
      await writeFile(file, yaml.replaceAll(/^ {2}(cinder|horizon|demo): true$/gm, '  $1: false'))
      const up = await copyOf().run('./lab', 'up', '--terraform', 'tofu')
      expect(up.exitCode).toBe(0)
      expect(await recorded()).toBe('tofu')
    })

    test('the next up uses it without being told, and has nothing to do', async () => {
      expect((await copyOf().run('./lab', 'up')).all).toMatch(/Terraform: 0 added, 0 changed, 0 destroyed/)
      expect(await recorded()).toBe('tofu')
    })

    test('the other one is refused while the lab lives', async () => {
      const up = await copyOf().run('./lab', 'up', '--terraform', 'terraform')
      expect(up.exitCode).toBe(1)
      expect(up.all).toContain('./lab up --terraform: terraform\n    allowed: tofu, as the lab was built')
    })

    test('down leaves nothing on the machine', async () => {
      expect((await copyOf().run('./lab', 'down', '--yes')).exitCode).toBe(0)
      expect(await readMachine()).toEqual(before())
    })
  })
}
