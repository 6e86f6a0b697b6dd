/** What Nova offers on a compute node: no more than the node has, whatever machine it runs on. */

import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { client } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { hypervisor, onNode, readDeclaration, sql } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { expectStatus } from './server.ts'

const part = 'servers'
const flavor = 'faults-too-large'

interface Size {
  vcpus: number
  memory_mib: number
  disk_gib: number
}

/** Placement's totals, in the order of its standard classes: VCPU, MEMORY_MB, DISK_GB. */
async function readOffer(copy: Copy): Promise<number[]> {
  const query = `SELECT i.total FROM inventories i JOIN resource_providers p ON p.id = i.resource_provider_id WHERE p.name = 'compute1' AND i.resource_class_id < 3 AND i.total = i.max_unit ORDER BY i.resource_class_id`
  return (await onNode(copy, 'controller', sql('placement', query))).split('\n').map(Number)
}

export function offerTests(copy: () => Copy): void {
  const declared = async () => parse(await readDeclaration(copy(), 'group_vars/compute.yml')) as Size

  test('Placement is told what the node has', () =>
    recorded(part, 'what Placement is told', async () => {
      const { vcpus, memory_mib, disk_gib } = await declared()
      const [cpus, memory, disk] = await readOffer(copy())
      expect(cpus).toBe(vcpus)
      // A machine's kernel and file system reserve some of it; a container is given exact limits.
      const least = hypervisor === 'lxc' ? 1 : 0.9
      for (const [told, has] of [
        [memory, memory_mib],
        [disk, disk_gib],
      ] as const) {
        expect(told).toBeLessThanOrEqual(has)
        expect(told).toBeGreaterThanOrEqual(Math.floor(has * least))
      }
      return `${cpus} CPUs, ${memory} MiB, ${disk} GiB`
    }))

  test.each(['memory', 'disk'])('a server with more %s than the node has finds no host', (kind) =>
    recorded(part, `a server with more ${kind} than the node has`, async () => {
      const { memory_mib, disk_gib } = await declared()
      const ram = kind === 'memory' ? memory_mib + 1 : 128
      const disk = kind === 'disk' ? disk_gib + 1 : 1
      await client(copy(), 'flavor', 'create', '--vcpus', '1', '--ram', `${ram}`, '--disk', `${disk}`, flavor)
      const options = ['--flavor', flavor, '--image', 'duostack-test', '--network', 'provider']
      const id = await client(copy(), 'server', 'create', ...options, '-f', 'value', '-c', 'id', 'faults-large')
      const server = { copy: copy(), id: id.trim() }
      const { fault } = await expectStatus(server, 'ERROR')
      await client(copy(), 'server', 'delete', '--wait', server.id)
      await client(copy(), 'flavor', 'delete', flavor)
      expect(JSON.stringify(fault)).toContain('No valid host was found')
      return 'No valid host was found'
    }),
  )
}
