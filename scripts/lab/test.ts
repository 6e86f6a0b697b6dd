/** `./lab test`: all tests that need no lab; `./lab test e2e` builds, checks and removes a real one. */

import { defineCommand } from 'citty'
import { hypervisors } from '../declaration/lab.ts'
import { LabError } from '../errors.ts'
import { checkout } from './checkout.ts'
import { handOver } from './hand-over.ts'

export default defineCommand({
  meta: {
    name: 'test',
    description:
      'All tests that need no lab; `./lab test e2e [--hypervisor lxc|qemu|kvm]` builds, checks and removes a real one',
  },
  async run({ rawArgs }) {
    const [kind, ...rest] = rawArgs.slice(1)
    process.chdir(checkout)
    if (kind !== 'e2e') {
      process.exitCode = await handOver('npx', ['vitest', 'run', ...(kind ? [kind, ...rest] : [])], {})
      return
    }
    const at = rest.indexOf('--hypervisor')
    const hypervisor = at < 0 ? 'lxc' : rest[at + 1]
    if (!hypervisors.some((known) => known === hypervisor)) {
      throw new LabError([
        { where: './lab test e2e --hypervisor', given: String(hypervisor), allowed: hypervisors.join(', ') },
      ])
    }
    const others = rest.filter((_, index) => at < 0 || (index !== at && index !== at + 1))
    const args = ['vitest', 'run', '--config', 'test/e2e/vitest.config.ts', ...others]
    process.exitCode = await handOver('npx', args, { DUOSTACK_E2E_HYPERVISOR: hypervisor! })
  },
})
