/** `./lab openstack …`: the real OpenStack client with the lab's clouds.yaml. */

import { defineCommand } from 'citty'
import { loadLab } from '../declaration/load.ts'
import { checkout } from './checkout.ts'
import { cloudEnvironment } from './cloud-environment.ts'
import { handOver } from './hand-over.ts'

export default defineCommand({
  meta: {
    name: 'openstack',
    description: 'The OpenStack client, as admin unless --os-cloud says otherwise: ./lab openstack server list',
  },
  async run({ rawArgs }) {
    process.exitCode = await handOver('openstack', rawArgs.slice(1), cloudEnvironment(loadLab(checkout)))
  },
})
