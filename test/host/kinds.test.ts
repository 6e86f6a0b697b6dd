import { expect, test } from 'vitest'
import type { Identity } from '../../scripts/declaration/identity.ts'
import { resolveKinds } from '../../scripts/host/kinds.ts'
import { checkHost } from '../../scripts/host/preflight.ts'
import { declaration, fitMachine, wanted } from './facts.ts'

const auto = { ...declaration, hypervisor: 'auto' as const, isolation: 'auto' as const }
const withoutEmulator = new Set([...fitMachine.packages].filter((name) => name !== 'qemu-system-x86'))

test('a lab keeps the kinds that it was built with', async () => {
  const built = { hypervisor: 'lxc', isolation: 'netns' } as Identity
  const kinds = await resolveKinds(auto, built, fitMachine)
  expect([kinds.hypervisor.value, kinds.isolation.value]).toEqual(['lxc', 'netns'])
})

test('without the emulator or permission to start it, nothing is concluded about KVM', async () => {
  const judge = async (facts: Partial<typeof fitMachine>) =>
    (await resolveKinds(auto, undefined, { ...fitMachine, ...facts })).hypervisor
  expect(await judge({ packages: withoutEmulator })).toMatchObject({
    value: 'auto',
    because: expect.stringContaining('qemu-system-x86'),
  })
  const withoutIp = new Set([...fitMachine.packages].filter((name) => name !== 'iproute2'))
  expect(await judge({ cpuVirtualization: false, packages: withoutIp })).toMatchObject({ value: 'auto' })
  expect(await judge({ root: false })).toMatchObject({ value: 'auto', because: expect.stringContaining('root') })
})

test('what is declared needs no probe', async () => {
  const kvm = { ...declaration, hypervisor: 'kvm' as const }
  const { hypervisor } = await resolveKinds(kvm, undefined, { ...fitMachine, root: false, packages: withoutEmulator })
  expect(hypervisor.value).toBe('kvm')
})

test('the disk is checked for the nodes that will be created: containers need a tenth of what virtual machines do', () => {
  const disks = fitMachine.disks.map((disk) => ({ ...disk, freeMiB: 20 * 1024 }))
  const judge = (hypervisor: 'auto' | 'lxc') =>
    checkHost({ ...fitMachine, disks }, { ...wanted, declaration: { ...declaration, hypervisor } }).length
  expect([judge('lxc'), judge('auto')]).toEqual([0, 1])
})

test('a kernel without br_netfilter keeps container nodes from being built, and says why', () => {
  const bridgeFilter = { kernel: '6.1.0-40-amd64', available: false, modules: true }
  const judge = (hypervisor: 'qemu' | 'lxc', modules = true) =>
    checkHost(
      { ...fitMachine, bridgeFilter: { ...bridgeFilter, modules } },
      { ...wanted, declaration: { ...declaration, hypervisor } },
    )
  expect(judge('qemu')).toEqual([])
  expect(judge('lxc')).toMatchObject([{ where: 'kernel 6.1.0-40-amd64', remedy: expect.stringContaining('qemu') }])
  expect(judge('lxc', false)).toMatchObject([{ remedy: expect.stringContaining('reboot this machine') }])
})
