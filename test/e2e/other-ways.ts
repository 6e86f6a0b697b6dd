/** Other ways to build and remove the same lab: cdktf by hand, and OpenTofu instead of Terraform. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Copy } from '../harness/copy.ts'
import { bringUp, editDeclaration, expectRun, takeDown } from '../harness/lab.ts'
import { readMachine } from '../harness/machine.ts'
import { noChange } from '../harness/output.ts'

export function otherWayTests(copyOf: () => Copy, before: () => string[]): void {
  describeCdktf(copyOf, before)
  describeOpenTofu(copyOf, before)
}

function describeCdktf(copyOf: () => Copy, before: () => string[]): void {
  describe('literal cdktf', () => {
    test('npx cdktf deploy, with no stack named and no variable set, builds the lab', async () => {
      await editDeclaration(copyOf(), 'group_vars/all.yml', /^lab_hypervisor:.*/m, 'lab_hypervisor: lxc')
      expect((await copyOf().run('npx', 'cdktf', 'deploy', '--auto-approve')).exitCode).toBe(0)
      await expectRun(copyOf(), 'verify')
    })

    test('an up over the same state changes nothing', async () => {
      expect(await bringUp(copyOf())).toMatch(noChange)
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
      // The optional services are the same for both programs.
      await editDeclaration(copyOf(), 'group_vars/all.yml', /^ {2}(cinder|horizon|demo): true$/gm, '  $1: false')
      await bringUp(copyOf(), '--terraform', 'tofu')
      expect(await recorded()).toBe('tofu')
    })

    test('the next up uses it by itself and has nothing to do', async () => {
      expect(await bringUp(copyOf())).toMatch(noChange)
      expect(await recorded()).toBe('tofu')
    })

    test('the other one is refused while the lab exists', async () => {
      const up = await copyOf().run('./lab', 'up', '--terraform', 'terraform')
      expect(up.exitCode).toBe(1)
      expect(up.all).toContain('./lab up --terraform: terraform\n    expected: tofu, as the lab was built')
    })

    test('down leaves nothing on the machine', async () => {
      await takeDown(copyOf())
      expect(await readMachine()).toEqual(before())
    })
  })
}
