import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chooseHypervisor } from '../../scripts/host/cached-probe.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const facts = { cpuVirtualization: false, packages: new Set<string>() }

function counted() {
  const asked: string[] = []
  const probes = {
    kvm: async () => asked.push('kvm') > 0,
    containers: async () => asked.push('containers') > 0,
  }
  return { asked, probes }
}

test('the result of the probes is cached, with its reason', async () => {
  const path = join(temporaryFolder(), 'hypervisor.json')
  const { asked, probes } = counted()
  const first = await chooseHypervisor('auto', facts, { path, probes })
  expect(first.value).toBe('lxc')
  expect(await chooseHypervisor('auto', facts, { path, probes })).toEqual(first)
  expect(asked).toEqual(['containers'])
})

test('if the circumstances have changed, the probes run again', async () => {
  const path = join(temporaryFolder(), 'hypervisor.json')
  const { asked, probes } = counted()
  await chooseHypervisor('auto', facts, { path, probes })
  await chooseHypervisor('auto', { ...facts, packages: new Set(['qemu-system-x86']) }, { path, probes })
  const other = await chooseHypervisor('auto', { ...facts, cpuVirtualization: true }, { path, probes })
  expect(asked).toEqual(['containers', 'containers', 'kvm'])
  expect(other.value).toBe('kvm')
  expect((await chooseHypervisor('auto', { ...facts, stock: true }, { path, probes })).value).toBe('qemu')
})

test('a declared value needs no probe', async () => {
  const { asked, probes } = counted()
  const path = join(temporaryFolder(), 'hypervisor.json')
  expect((await chooseHypervisor('qemu', facts, { path, probes })).value).toBe('qemu')
  expect(asked).toEqual([])
})
