import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab, fixtureStockImage } from '../fixtures/lab.ts'
import { nodesOf, type Resource, reference, synthesizeNodes } from './synthesized.ts'

describe('a node that is a virtual machine', () => {
  const { resource } = nodesOf('qemu', 'none')
  const domains = resource['libvirt_domain']!

  test('has the size, addresses and mark that the lab declares', () => {
    expect(domains['controller']).toMatchObject({
      name: 'duostack-controller',
      description: 'duostack lab 1a2b3c4d',
      type: 'qemu',
      vcpu: 2,
      memory: 6144,
      autostart: true,
      network_interface: [
        { mac: '52:54:00:1A:00:0B', network_id: reference('libvirt_network.management_network.id') },
        { mac: '52:54:00:1A:01:0B', network_id: reference('libvirt_network.provider_network.id') },
      ],
    })
    expect(resource['libvirt_volume']!['controller_root']).toMatchObject({
      size: 20 * 2 ** 30,
      base_volume_id: reference('libvirt_volume.image_root.id'),
    })
  })

  test('has an empty second disk for Cinder only where it is the storage node', () => {
    const volumes = (node: string) => domains[node]!['disk'].map((disk: Resource) => disk['volume_id'])
    expect(volumes('controller')).toEqual([
      reference('libvirt_volume.controller_root.id'),
      reference('libvirt_volume.controller_volumes.id'),
    ])
    expect(volumes('compute1')).toEqual([reference('libvirt_volume.compute1_root.id')])
    expect(resource['libvirt_volume']!['controller_volumes']).toMatchObject({ size: 8 * 2 ** 30 })
    expect(resource['libvirt_volume']!['controller_volumes']).not.toHaveProperty('base_volume_id')
  })

  test('boots kernel and initrd from the pool, and names no file of the shared cache or of a home', () => {
    expect(domains['compute1']).toMatchObject({
      kernel: reference('libvirt_volume.image_kernel.id'),
      initrd: reference('libvirt_volume.image_initrd.id'),
    })
    expect(JSON.stringify(domains)).not.toMatch(/\/home|\/var\/cache/)
  })

  test('has its kernel words as the provider reads them back: those without = in a map of their own', () => {
    const [words, bare] = domains['compute1']!['cmdline']
    expect(bare).toEqual({ _: 'rw' })
    expect(words).toEqual({
      root: '/dev/vda',
      console: 'ttyS0',
      'net.ifnames': '0',
      mitigations: 'off',
      tsc: 'reliable',
      'duostack.name': 'compute1',
      'duostack.address': '10.0.0.31/24',
      'duostack.key': 'preview',
    })
  })

  test('is given the public half of the key of the lab, and nothing of the private one', () => {
    const ssh = join(temporaryFolder(), 'ssh')
    mkdirSync(ssh)
    writeFileSync(join(ssh, 'id_ed25519.pub'), 'ssh-ed25519 AAAAPUBLIC duostack\n')
    writeFileSync(join(ssh, 'id_ed25519'), 'PRIVATE-HALF')
    const lab = fixtureLab('kvm')
    const { text, stack } = synthesizeNodes({ ...lab, paths: { ...lab.paths, ssh } })
    expect(stack.resource['libvirt_domain']!['controller']!['cmdline'][0]['duostack.key']).toBe('AAAAPUBLIC')
    expect(text).not.toContain('PRIVATE-HALF')
  })

  test('is waited for anew whenever its domain is another one', () => {
    expect(resource['terraform_data']!['compute1_reachable']).toMatchObject({
      triggers_replace: { domain: reference('libvirt_domain.compute1.id') },
      provisioner: [{ 'local-exec': { command: 'node scripts/run.mjs scripts/reachable.ts compute1' } }],
    })
  })

  test('passes the processor of this machine on where KVM runs it, and only there', () => {
    const kvm = nodesOf('kvm', 'none').resource['libvirt_domain']!['controller']!
    expect(kvm).toMatchObject({ type: 'kvm', cpu: { mode: 'host-passthrough' } })
    expect(kvm['cmdline'][0]).not.toHaveProperty('mitigations')
    expect(kvm['cmdline'][0]).not.toHaveProperty('tsc')
    expect(domains['controller']).not.toHaveProperty('cpu')
  })
})

describe('a node that is made of a stock image', () => {
  const { stack, text } = synthesizeNodes(fixtureLab('kvm', { stockImage: fixtureStockImage }))
  const { libvirt_domain: domains, libvirt_volume: volumes, libvirt_cloudinit_disk: disks } = stack.resource

  test('is what its snapshot shows', () => {
    expect({ domains, volumes, disks }).toMatchSnapshot()
  })

  test('boots what the image boots, and learns from a disk of its own which node it is', () => {
    for (const name of ['controller', 'compute1']) {
      expect(domains![name]).toMatchObject({ cloudinit: reference(`libvirt_cloudinit_disk.${name}_cloudinit.id`) })
      for (const own of ['kernel', 'initrd', 'cmdline']) expect(domains![name]).not.toHaveProperty(own)
      expect(disks![`${name}_cloudinit`]!['user_data']).toContain(`hostname: ${name}\n`)
      expect(volumes![`${name}_root`]).toMatchObject({ base_volume_id: reference('libvirt_volume.image_root.id') })
    }
    expect(Object.keys(volumes!)).not.toContain('image_kernel')
  })

  test('comes from the checked copy in the cache, never from the file that was named', () => {
    expect(volumes!['image_root']).toMatchObject({
      source: `/var/cache/duostack/stock/${'5'.repeat(64)}.qcow2`,
      format: 'qcow2',
    })
    expect(text).not.toContain(fixtureStockImage.source)
  })

  test('is pinned and waited for as any other', () => {
    expect(stack.resource['terraform_data']!['compute1_reachable']).toMatchObject({
      provisioner: [{ 'local-exec': { command: 'node scripts/run.mjs scripts/reachable.ts compute1' } }],
    })
  })
})
