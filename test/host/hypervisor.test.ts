import { expect, test } from 'vitest'
import type { Isolation } from '../../scripts/declaration/lab.ts'
import { resolveHypervisor, resolveIsolation } from '../../scripts/host/hypervisor.ts'
import { missingPackages, type Needing, neededPackages } from '../../scripts/host/packages.ts'
import { fixtureStockImage } from '../fixtures/lab.ts'
import { fitMachine } from './facts.ts'

const asked: string[] = []
const probes = (kvm: boolean, containers: boolean) => ({
  kvm: async () => asked.push('kvm') > 0 && kvm,
  containers: async () => asked.push('containers') > 0 && containers,
})

test('auto: without the flag of the processor KVM is not even probed', async () => {
  asked.length = 0
  const choice = await resolveHypervisor('auto', { cpuVirtualization: false }, probes(true, true))
  expect(choice.value).toBe('lxc')
  expect(asked).toEqual(['containers'])
})

test.each([
  [true, true, 'kvm'],
  [false, true, 'lxc'],
  [false, false, 'qemu'],
])('auto: a guest starts with KVM %s, containers work %s: %s', async (kvm, containers, value) => {
  expect(await resolveHypervisor('auto', { cpuVirtualization: true }, probes(kvm, containers))).toMatchObject({ value })
})

test('a declared value is used without a probe', async () => {
  asked.length = 0
  expect((await resolveHypervisor('qemu', { cpuVirtualization: true }, probes(true, true))).value).toBe('qemu')
  expect(asked).toEqual([])
})

test.each([
  [true, true, false, 'none'],
  [false, true, true, 'none'],
  [false, true, false, 'netns'],
  [true, false, true, 'netns'],
  [false, false, true, 'netns'],
])(
  'auto isolation: libvirtd answers %s and admits this user %s, systemd %s: %s',
  (answers, connects, systemd, value) => {
    const libvirt = { ...fitMachine.libvirt, answers, connects }
    expect(resolveIsolation('auto', { libvirt, systemd, packages: new Set() }).value).toBe(value)
  },
)

test('auto isolation does not ask for the service of a libvirtd that is installed without it, as from a bundle', () => {
  const libvirt = { ...fitMachine.libvirt, answers: false, connects: true }
  const choose = (...names: string[]) =>
    resolveIsolation('auto', { libvirt, systemd: true, packages: new Set(names) }).value
  expect(choose('libvirt-daemon')).toBe('netns')
  expect(choose('libvirt-daemon', 'libvirt-daemon-system')).toBe('none')
})

test("containers need no QEMU, VMs no container driver, and only isolation none the system's daemon", () => {
  const names = (...args: Parameters<typeof neededPackages>) => neededPackages(...args).map(({ name }) => name)
  expect(names('lxc', 'netns')).not.toContain('qemu-system-x86')
  expect(names('qemu', 'netns')).not.toContain('libvirt-daemon-driver-lxc')
  expect(names('auto', 'none')).toEqual(expect.arrayContaining(['qemu-system-x86', 'libvirt-daemon-driver-lxc']))
  expect(names('lxc', 'netns')).not.toContain('libvirt-daemon-system')
  expect(names('lxc', 'none')).toContain('libvirt-daemon-system')
})

test('only a stock image asks for the program that makes its cloud-init disk', () => {
  const names = (needing: Needing) => neededPackages('kvm', 'none', needing).map(({ name }) => name)
  expect(names({ stockImage: fixtureStockImage })).toContain('genisoimage')
  expect(names({})).not.toContain('genisoimage')
})

test('only a lab whose traffic may leave it needs nft, and a user-space network where it has a namespace', () => {
  const names = (isolation: Isolation, needing: Needing) =>
    neededPackages('lxc', isolation, needing).flatMap(({ name, outbound }) => (outbound ? [name] : []))
  expect(names('netns', {})).toEqual([])
  expect(names('netns', { outbound: { deny: [] } })).toEqual(['nftables', 'slirp4netns'])
  expect(names('none', { outbound: { deny: [] } })).toEqual(['nftables'])
})

test('auto: a stock image is never a container', async () => {
  asked.length = 0
  const choice = await resolveHypervisor('auto', { cpuVirtualization: false, stock: true }, probes(true, true))
  expect(choice).toMatchObject({ value: 'qemu', because: expect.stringContaining('stock image') })
  expect(asked).toEqual([])
})

test('an optional package alone is no reason to install', () => {
  const needed = [
    { name: 'a', why: 'w' },
    { name: 'b', why: 'w', optional: true },
  ]
  expect(missingPackages(needed, new Set(['a']))).toEqual([])
  expect(missingPackages(needed, new Set())).toHaveLength(2)
})
