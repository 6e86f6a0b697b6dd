/** `./lab openstack …`: the real OpenStack client with the lab's clouds.yaml. */

import { defineCommand } from 'citty'
import { cloudEnvironment } from '../cloud/cloud-environment.ts'
import { handOver } from '../run/hand-over.ts'
import { checkout } from './checkout.ts'
import { loadRunningLab } from './running-lab.ts'

export default defineCommand({
  meta: {
    name: 'openstack',
    description: 'Runs the OpenStack client, as admin unless --os-cloud says otherwise: ./lab openstack server list',
  },
  async run({ rawArgs }) {
    process.exitCode = await handOver('openstack', rawArgs.slice(1), cloudEnvironment(loadRunningLab(checkout)))
  },
})
