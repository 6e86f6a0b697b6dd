import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab, fixtureNode, fixtureStockImage } from '../fixtures/lab.ts'
import { labOf, type Resource, reference, type Stack, shapes, synthesizeNodes } from './synthesized.ts'

const nodesOf = (...shape: Parameters<typeof labOf>) => synthesizeNodes(labOf(...shape)).stack

/** Every resource that `address` needs, directly or through others. */
function needsOf(stack: Stack, address: string, seen = new Set<string>()): Set<string> {
  const [type, name] = address.split('.') as [string, string]
  const text = JSON.stringify(stack.resource[type]![name])
  for (const [needed] of text.matchAll(/\b(?:terraform_data|libvirt_\w+)\.\w+/g)) {
    if (seen.has(needed)) continue
    seen.add(needed)
    needsOf(stack, needed, seen)
  }
  return seen
}

const addressesIn = (stack: Stack) =>
  Object.entries(stack.resource).flatMap(([type, names]) => Object.keys(names).map((name) => `${type}.${name}`))

describe('the nodes stack', () => {
  test.each(shapes)('of $hypervisor nodes with isolation $isolation is what its snapshot shows', (shape) => {
    const { provider, resource } = nodesOf(shape.hypervisor, shape.isolation)
    expect({ provider, resource }).toMatchSnapshot()
  })

  test.each(['kvm', 'lxc'] as const)('of %s nodes destroys the sweep last: everything needs it', (hypervisor) => {
    const stack = nodesOf(hypervisor, 'netns')
    const others = addressesIn(stack).filter((address) => address !== 'terraform_data.lab')
    expect(others.filter((address) => !needsOf(stack, address).has('terraform_data.lab'))).toEqual([])
    expect(stack.resource['terraform_data']!['lab']!['provisioner']).toEqual([
      {
        'local-exec': {
          when: 'destroy',
          command: 'node --import tsx scripts/host/sweep.ts',
          working_dir: '/home/user/duostack',
        },
      },
    ])
  })

  test.each(shapes)('has two closed networks on the bridges of the lab ($hypervisor, $isolation)', (shape) => {
    const { libvirt_network } = nodesOf(shape.hypervisor, shape.isolation).resource
    const silent = {
      dhcp: { enabled: false },
      dns: { enabled: false },
      dnsmasq_options: { options: [{ option_name: 'port', option_value: '0' }] },
    }
    const closed = { mode: 'none', autostart: true, ...silent }
    expect(libvirt_network).toMatchObject({
      management_network: { ...closed, bridge: '1a2b3c4d-mgmt', addresses: ['10.0.0.0/24'] },
      provider_network: { ...closed, bridge: '1a2b3c4d-prov', addresses: ['203.0.113.0/24'] },
    })
  })
})

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
      provisioner: [{ 'local-exec': { command: 'node --import tsx scripts/reachable.ts compute1' } }],
    })
  })

  test('passes the processor of this machine on where KVM runs it, and only there', () => {
    const kvm = nodesOf('kvm', 'none').resource['libvirt_domain']!['controller']!
    expect(kvm).toMatchObject({ type: 'kvm', cpu: { mode: 'host-passthrough' } })
    expect(kvm['cmdline'][0]).not.toHaveProperty('mitigations')
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
      provisioner: [{ 'local-exec': { command: 'node --import tsx scripts/reachable.ts compute1' } }],
    })
  })
})

describe("this machine's interface in the VLAN network", () => {
  const { resource } = nodesOf('qemu', 'netns')

  test('is made on the provider bridge, and removed under the name that it was made under', () => {
    const { vlan_interface } = resource['terraform_data']!
    expect(vlan_interface!['triggers_replace'].bridge).toBe(reference('libvirt_network.provider_network.id'))
    const commands = vlan_interface!['provisioner'].map(
      (one: Record<string, { command: string }>) => one['local-exec']!.command,
    )
    expect(commands.map((command: string) => command.split('scripts/')[1])).toEqual([
      'vlan-interface.ts create',
      `vlan-interface.ts destroy ${reference('self.triggers_replace.interface')}`,
    ])
  })

  test('is there only where the nodes can carry VLANs', () => {
    expect(nodesOf('lxc', 'netns').resource['terraform_data']).not.toHaveProperty('vlan_interface')
  })
})

describe('a node that is a container', () => {
  const lab = labOf('lxc', 'netns')
  const triggersOf = (changed: typeof lab) =>
    synthesizeNodes(changed).stack.resource['terraform_data']!['compute1']!['triggers_replace']

  test('is made and removed by its own script, after the networks and with no disk of libvirt', () => {
    const { resource } = nodesOf('lxc', 'netns')
    expect(Object.keys(resource)).toEqual(['libvirt_network', 'terraform_data'])
    expect(resource['terraform_data']!['compute1']).toMatchObject({
      depends_on: ['libvirt_network.management_network', 'libvirt_network.provider_network'],
      provisioner: [
        { 'local-exec': { command: 'node --import tsx scripts/container.ts create compute1' } },
        { 'local-exec': { when: 'destroy', command: 'node --import tsx scripts/container.ts destroy compute1' } },
      ],
    })
  })

  test('is made anew for what cannot change on it; its size changes in place', () => {
    const node = (changes: Partial<(typeof lab.nodes)[0]>) => ({
      ...lab,
      nodes: [lab.nodes[0]!, { ...lab.nodes[1]!, ...changes }],
    })
    const triggers = triggersOf(lab)
    expect(triggersOf({ ...lab, apiWorkers: 9 })).toEqual(triggers)
    expect(triggersOf({ ...lab, nodes: [...lab.nodes, fixtureNode('compute2', 32)] })).toEqual(triggers)
    expect(triggersOf(node({ memoryMiB: 4096, vcpus: 1 }))).toEqual(triggers)
    expect(triggersOf(node({ address: '10.0.0.32' }))).not.toEqual(triggers)
    expect(triggersOf({ ...lab, imageDigest: 'f'.repeat(64) })).not.toEqual(triggers)
  })
})
