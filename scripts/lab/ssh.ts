/** `./lab ssh NODE [COMMAND…]`: the system's ssh with the lab's key, pinned host keys and node names. */

import { join } from 'node:path'
import { defineCommand } from 'citty'
import { UsageError } from '../declaration/errors.ts'
import { handOver } from '../run/hand-over.ts'
import { checkout } from './checkout.ts'
import { loadRunningLab } from './running-lab.ts'

export default defineCommand({
  meta: { name: 'ssh', description: 'Logs in to a node as root, or runs a command on it: ./lab ssh NODE [COMMAND…]' },
  async run({ rawArgs }) {
    const lab = loadRunningLab(checkout)
    const [node, ...command] = rawArgs.slice(1)
    if (!lab.nodes.some(({ name }) => name === node)) {
      throw new UsageError([
        {
          where: './lab ssh',
          given: `no node ${JSON.stringify(node)}`,
          allowed: lab.nodes.map(({ name }) => name).join(', '),
        },
      ])
    }
    process.exitCode = await handOver('ssh', ['-F', join(lab.paths.ssh, 'ssh_config'), node!, ...command], {})
  },
})
