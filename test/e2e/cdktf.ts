/** The same lab, built and removed with cdktf by hand. With OpenTofu: `./lab test faults rebuild`. */

import { expect, test } from 'vitest'
import type { Copy } from '../harness/copy.ts'
import { bringUp, editDeclaration, expectRun } from '../harness/lab.ts'
import { readMachine } from '../harness/machine.ts'
import { noChange } from '../harness/output.ts'

export function cdktfTests(copyOf: () => Copy, before: () => string[]): void {
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
}
