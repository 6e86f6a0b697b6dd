import { describe, expect, test } from 'vitest'
import { fixtureLab } from '../fixtures/lab.ts'
import { nodesOf, reference, type Stack, shapes, synthesizeNodes } from './synthesized.ts'

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
          command: 'node scripts/run.mjs scripts/host/sweep.ts',
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

describe("this machine's interface in the VLAN network", () => {
  const { resource } = nodesOf('qemu', 'netns')

  test('is made on the provider bridge, and removed under the name that it was made under', () => {
    const { vlan_interface } = resource['terraform_data']!
    expect(vlan_interface!['triggers_replace'].bridge).toBe(reference('libvirt_network.provider_network.id'))
    const commands = vlan_interface!['provisioner'].map(
      (one: Record<string, { command: string }>) => one['local-exec']!.command,
    )
    expect(commands.map((command: string) => command.split('scripts/run.mjs scripts/')[1])).toEqual([
      'vlan-interface.ts create',
      `vlan-interface.ts destroy ${reference('self.triggers_replace.interface')}`,
    ])
  })

  test('is there only where the nodes can carry VLANs', () => {
    expect(nodesOf('lxc', 'netns').resource['terraform_data']).not.toHaveProperty('vlan_interface')
  })
})

describe('the way out', () => {
  const openLab = fixtureLab('qemu', { outbound: { deny: ['192.168.0.0/16'] } })

  test('is opened when the networks are there, and anew when what it is made of changes', () => {
    const { outbound } = synthesizeNodes(openLab).stack.resource['terraform_data']!
    expect(outbound!['triggers_replace']).toMatchObject({
      networks: [reference('libvirt_network.management_network.id'), reference('libvirt_network.provider_network.id')],
      deny: ['192.168.0.0/16'],
    })
    expect(JSON.stringify(outbound!['provisioner'])).toContain('scripts/outbound.ts')
  })

  test('changes nothing else of the stack, and is in no lab that does not ask for it', () => {
    const { outbound: _, ...others } = synthesizeNodes(openLab).stack.resource['terraform_data']!
    expect(others).toEqual(synthesizeNodes(fixtureLab('qemu')).stack.resource['terraform_data'])
  })
})
