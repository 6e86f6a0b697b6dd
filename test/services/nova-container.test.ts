/** Our change to Nova's driver on a container node, run with a stand-in for that driver. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import type { Checked } from '../../scripts/declaration/check.ts'
import { hypervisors } from '../../scripts/declaration/lab.ts'
import { offeredDisk, offeredMemory } from '../../scripts/declaration/nova-offer.ts'
import { serviceOf } from '../../scripts/services/index.ts'
import { containerDriver } from '../../scripts/services/nova-container.ts'
import { fixtureLab, fixtureNode, fixtureSecrets } from '../fixtures/lab.ts'

/** A machine of 24 GiB, 64 processors, and a disk of 251 GiB. */
const machine = (freeGiB: number) => `
class Host:
    def get_memory_mb_total(self): return 24105
class LibvirtDriver:
    def __init__(self, virtapi, read_only=False): self._host = Host()
    def _get_vcpu_available(self): return set(range(64))
    @staticmethod
    def _get_local_gb_info(): return {'total': 251.0, 'free': ${freeGiB}, 'used': 251 - ${freeGiB}}
`

async function offered(freeGiB: number): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'duostack-driver-'))
  const libvirt = join(folder, 'nova/virt/libvirt')
  mkdirSync(libvirt, { recursive: true })
  writeFileSync(join(libvirt, 'driver.py'), machine(freeGiB))
  const node = fixtureNode('compute1', 31, { memoryMiB: 3072, vcpus: 3, diskGiB: 20 })
  writeFileSync(join(folder, 'nova/virt/container.py'), String(containerDriver(node).content))
  const script = `import json
from nova.virt.container import LibvirtDriver
one = LibvirtDriver(None)
print(json.dumps([one._host.get_memory_mb_total(), len(one._get_vcpu_available()), one._get_local_gb_info()]))`
  const { stdout } = await execa('python3', ['-c', script], { env: { PYTHONPATH: folder } })
  rmSync(folder, { recursive: true })
  return JSON.parse(stdout)
}

test('it offers what the node is declared with, whatever its machine has', async () => {
  expect(await offered(180)).toEqual([3072, 3, { total: 20, free: 20, used: 0 }])
})

test('a machine whose disk is nearly full offers no more than is free', async () => {
  expect(await offered(5)).toEqual([3072, 3, { total: 20, free: 5, used: 15 }])
})

test.each(hypervisors)('nova-compute on %s nodes loads a driver that exists', (hypervisor) => {
  const files = serviceOf(fixtureLab(hypervisor), fixtureSecrets, 'nova').parts.flatMap((part) => part.files)
  const written = files.some(({ path }) => path.endsWith('/nova/virt/container.py'))
  const { content } = files.find(({ path }) => path === '/etc/nova/nova-compute.conf')!
  const driver = written ? 'container.LibvirtDriver' : 'libvirt.LibvirtDriver'
  expect(written).toBe(hypervisor === 'lxc')
  expect(content).toMatchObject({ DEFAULT: { compute_driver: driver } })
})

test('what the declaration allows for one instance is never more than that', () => {
  const nothingOverridden = { field: () => undefined } as unknown as Checked<unknown>
  for (const size of [1024, 3072, 1_048_576]) {
    expect(offeredMemory(nothingOverridden, size).single).toBeLessThanOrEqual(size)
    expect(offeredDisk(nothingOverridden, size).single).toBeLessThanOrEqual(size)
  }
})
