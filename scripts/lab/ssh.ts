/** `./lab ssh NODE [COMMAND…]`: the system's ssh with the lab's key, pinned host keys and node names. */

import { join } from 'node:path'
import { defineCommand } from 'citty'
import { handOver } from '../run/hand-over.ts'
import { checkout } from './checkout.ts'
import { loadRunningLab } from './running-lab.ts'

export default defineCommand({
  meta: { name: 'ssh', description: 'Logs in to a node as root, or runs a command on it: ./lab ssh NODE [COMMAND…]' },
  async run({ rawArgs }) {
    const lab = loadRunningLab(checkout)
    process.exitCode = await handOver('ssh', ['-F', join(lab.paths.ssh, 'ssh_config'), ...rawArgs.slice(1)], {})
  },
})
