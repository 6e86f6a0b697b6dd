import { expect, test } from 'vitest'
import { resolveHypervisor, resolveIsolation } from '../../scripts/host/hypervisor.ts'
import { missingPackages, neededPackages } from '../../scripts/host/packages.ts'
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
    expect(resolveIsolation('auto', { libvirt, systemd }).value).toBe(value)
  },
)

test("containers need no QEMU, VMs no container driver, and only isolation none the system's daemon", () => {
  const names = (...args: Parameters<typeof neededPackages>) => neededPackages(...args).map(({ name }) => name)
  expect(names('lxc', 'netns', false)).not.toContain('qemu-system-x86')
  expect(names('qemu', 'netns', false)).not.toContain('libvirt-daemon-driver-lxc')
  expect(names('auto', 'none', false)).toEqual(expect.arrayContaining(['qemu-system-x86', 'libvirt-daemon-driver-lxc']))
  expect(names('lxc', 'netns', false)).not.toContain('libvirt-daemon-system')
  expect(names('lxc', 'none', false)).toContain('libvirt-daemon-system')
})

test('only a stock image asks for the program that makes its cloud-init disk', () => {
  const names = (stock: boolean) => neededPackages('kvm', 'none', stock).map(({ name }) => name)
  expect(names(true)).toContain('genisoimage')
  expect(names(false)).not.toContain('genisoimage')
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
