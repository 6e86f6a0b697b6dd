/** An `up` that the user stops in the middle. */

import { execa } from 'execa'
import { expect } from 'vitest'
import { type Copy, userSettings } from '../harness/copy.ts'

/** Stops `./lab up` with Ctrl-C while a service is being created: it must end cleanly and say what to do next. */
export async function interruptUp(copy: Copy, hypervisor: string): Promise<void> {
  const child = execa('./lab', ['up', '--hypervisor', hypervisor], { ...userSettings(copy.root), stdin: 'ignore' })
  for await (const line of child.iterable({ from: 'all' })) {
    console.error(line)
    if (/services: mariadb created/.test(String(line))) child.kill('SIGINT')
  }
  const { exitCode, all } = await child
  expect(exitCode).toBe(130)
  expect(all).toMatch(/stopping: no new step starts[\s\S]*Safe to do next:\n +\.\/lab up/)
}
