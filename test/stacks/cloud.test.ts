import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { App, Testing } from 'cdktf'
import { describe, expect, test } from 'vitest'
import { isOfSelfService } from '../../scripts/cloud/test-servers.ts'
import type { Lab } from '../../scripts/declaration/lab.ts'
import { CloudStack } from '../../stacks/cloud.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

interface Synthesized {
  data?: unknown
  provider: Record<string, unknown[]>
  resource: Record<string, Record<string, Record<string, unknown>>>
  [key: string]: unknown
}

function synthesize(lab: Lab): Synthesized {
  const stack = new CloudStack(new App({ outdir: temporaryFolder() }), 'cloud', lab)
  return JSON.parse(Testing.synth(stack)) as Synthesized
}

/** As it is in the JSON. */
const terraformReference = (path: string) => `\${${path}}`

const withoutCinder = (lab: Lab): Lab => ({ ...lab, services: { ...lab.services, cinder: false } })

describe('the cloud stack', () => {
  test.each(['kvm', 'qemu', 'lxc'] as const)('on %s nodes is what its snapshot shows', (hypervisor) => {
    const { '//': _, ...content } = synthesize(fixtureLab(hypervisor))
    expect(content).toMatchSnapshot()
  })

  test.each(['kvm', 'lxc'] as const)('on %s nodes with self-service is what its snapshot shows', (hypervisor) => {
    const { '//': _, ...content } = synthesize(fixtureLab(hypervisor, { networking: 'self-service' }))
    expect(content).toMatchSnapshot()
  })

  test('with self-service has an instance behind a router with a floating IP, and leaves the others as they are', () => {
    const { resource } = synthesize(fixtureLab('kvm', { networking: 'self-service' }))
    const plain = synthesize(fixtureLab('kvm')).resource
    for (const [type, instances] of Object.entries(plain)) expect(resource[type]).toMatchObject(instances)
    expect(resource['openstack_networking_router_v2']?.['router']).toMatchObject({
      external_network_id: terraformReference('openstack_networking_subnet_v2.provider_subnet.network_id'),
    })
    expect(resource['openstack_networking_floatingip_v2']?.['floating_ip']).toMatchObject({
      pool: 'provider',
      port_id: terraformReference('openstack_networking_port_v2.project_server_port.id'),
      depends_on: ['openstack_networking_router_interface_v2.router_interface'],
    })
    // What the network is made of is Neutron's to choose: VXLAN comes first.
    expect(resource['openstack_networking_network_v2']?.['project_network']).not.toHaveProperty('segments')
    expect(plain).not.toHaveProperty('openstack_networking_router_v2')
  })

  test('with self-service lets the user demo make what a project makes, and the admin where there is no such user', () => {
    const lab = fixtureLab('kvm', { networking: 'self-service' })
    const made = (of: Lab) => {
      const { resource, provider } = synthesize(of)
      const byDemo = Object.values(resource)
        .flatMap((instances) => Object.entries(instances))
        .flatMap(([name, values]) => (values['provider'] === 'openstack.demo' ? [name] : []))
      return { byDemo: byDemo.sort(), clouds: provider['openstack']?.map((one) => Object(one).cloud) }
    }
    expect(made(lab)).toEqual({
      byDemo: [
        ...['demo_allow_icmp', 'demo_allow_ssh', 'demo_keypair', 'demo_security_group', 'floating_ip'],
        ...['project_network', 'project_server', 'project_server_port', 'project_subnet', 'router', 'router_interface'],
      ],
      clouds: ['duostack', 'demo'],
    })
    const names = (of: Lab) => Object.values(synthesize(of).resource).flatMap((instances) => Object.keys(instances))
    const plain = names(fixtureLab('kvm'))
    expect(
      names(lab)
        .filter((name) => !isOfSelfService(name))
        .sort(),
    ).toEqual(plain.sort())
    expect(plain.filter(isOfSelfService)).toEqual([])
    const alone = made({ ...lab, services: { ...lab.services, demo: false } })
    expect(alone).toEqual({ byDemo: [], clouds: ['duostack', 'duostack'] })
  })

  test('reads nothing from a cloud and carries no credential', () => {
    const content = synthesize(fixtureLab('kvm'))
    expect(content.data).toBeUndefined()
    const region = 'RegionOne'
    const demo = { alias: 'demo', cloud: 'demo', region }
    expect(content.provider['openstack']).toEqual([{ cloud: 'duostack', region }, demo])
    for (const secret of Object.values(fixtureSecrets)) expect(JSON.stringify(content)).not.toContain(secret)
    expect(JSON.stringify(content)).not.toMatch(/password|auth_url|token/i)
  })

  test('marks every object that can exist by itself with the lab id, in its create request', () => {
    const content = synthesize(fixtureLab('kvm', { networking: 'self-service' }))
    const unmarked = Object.entries(content.resource).flatMap(([type, instances]) =>
      Object.entries(instances)
        .filter(([, values]) => !JSON.stringify(values).includes('1a2b3c4d'))
        .map(([name]) => `${type}.${name}`),
    )
    // An attachment is a part of its instance, an interface one of its router.
    expect(unmarked).toEqual([
      'openstack_compute_volume_attach_v2.volume_attachment',
      'openstack_networking_router_interface_v2.router_interface',
    ])
  })

  test('has the flat network of the host bridge, with the host as its gateway and Neutron told which addresses are free', () => {
    const { resource } = synthesize(fixtureLab('lxc'))
    expect(resource['openstack_networking_network_v2']?.['provider_network']).toMatchObject({
      shared: true,
      external: true,
      segments: [{ network_type: 'flat', physical_network: 'provider' }],
    })
    expect(resource['openstack_networking_subnet_v2']?.['provider_subnet']).toMatchObject({
      cidr: '203.0.113.0/24',
      gateway_ip: '203.0.113.1',
      allocation_pool: [{ start: '203.0.113.101', end: '203.0.113.250' }],
    })
  })

  test('has the VLAN network only where the nodes can carry it', () => {
    const vlan = (lab: Lab) => synthesize(lab).resource['openstack_networking_network_v2']?.['vlan_network']
    expect(vlan(fixtureLab('kvm'))).toMatchObject({ segments: [{ network_type: 'vlan', segmentation_id: 101 }] })
    expect(vlan(fixtureLab('lxc'))).toBeUndefined()
  })

  test('has an instance on each provider network, and the volume on the first', () => {
    const { resource } = synthesize(fixtureLab('kvm'))
    const servers = Object.values(resource['openstack_compute_instance_v2'] ?? {})
    expect(servers.map(({ name }) => name)).toEqual(['server1', 'server1-vlan'])
    expect(resource['openstack_networking_port_v2']?.['vlan_server_port']).toMatchObject({
      fixed_ip: [{ subnet_id: terraformReference('openstack_networking_subnet_v2.vlan_subnet.id') }],
    })
    expect(resource['openstack_networking_subnet_v2']?.['vlan_subnet']).toMatchObject({ gateway_ip: '198.51.100.1' })
    expect(resource['openstack_compute_volume_attach_v2']?.['volume_attachment']).toMatchObject({
      instance_id: terraformReference('openstack_compute_instance_v2.server.id'),
    })
    const inContainers = synthesize(fixtureLab('lxc')).resource['openstack_compute_instance_v2'] ?? {}
    expect(Object.keys(inContainers)).toEqual(['server'])
  })

  test('has volume and attachment only if Cinder is on and a size is declared', () => {
    const types = (lab: Lab) => Object.keys(synthesize(lab).resource).filter((type) => type.includes('volume'))
    const lab = fixtureLab('kvm')
    expect(types(lab)).toEqual(['openstack_blockstorage_volume_v3', 'openstack_compute_volume_attach_v2'])
    expect(types(withoutCinder(lab))).toEqual([])
    expect(types({ ...lab, cloud: { ...lab.cloud, volumeGiB: 0 } })).toEqual([])
  })

  test('creates the instance with a port on the subnet, and recreates it when image or key change', () => {
    const { resource } = synthesize(fixtureLab('kvm'))
    expect(resource['openstack_compute_instance_v2']?.['server']).toMatchObject({
      network: [{ port: terraformReference('openstack_networking_port_v2.server_port.id') }],
      lifecycle: {
        replace_triggered_by: ['openstack_images_image_v2.image.id', 'openstack_compute_keypair_v2.keypair.public_key'],
      },
    })
    expect(resource['openstack_networking_port_v2']?.['server_port']).toMatchObject({
      fixed_ip: [{ subnet_id: terraformReference('openstack_networking_subnet_v2.provider_subnet.id') }],
      security_group_ids: [terraformReference('openstack_networking_secgroup_v2.security_group.id')],
    })
  })

  test('tells instances the DNS servers of lab_dns, or the gateway where this machine passes questions on', () => {
    const servers = (changes: Partial<Lab>) => {
      const subnets = synthesize(fixtureLab('kvm', changes)).resource['openstack_networking_subnet_v2']!
      return Object.fromEntries(Object.entries(subnets).map(([key, subnet]) => [key, subnet['dns_nameservers']]))
    }
    const open = { outbound: { deny: [] } }
    expect(servers({})).toEqual({ provider_subnet: undefined, vlan_subnet: undefined })
    expect(servers({ ...open, networking: 'self-service' })).toEqual({
      provider_subnet: ['203.0.113.1'],
      vlan_subnet: ['198.51.100.1'],
      project_subnet: ['203.0.113.1'],
      other_subnet: ['203.0.113.1'],
    })
    expect(servers({ ...open, dns: ['9.9.9.9'] })).toEqual({ provider_subnet: ['9.9.9.9'], vlan_subnet: ['9.9.9.9'] })
  })

  test('waits twelve times longer where nodes are emulated', () => {
    const timeouts = (lab: Lab) => synthesize(lab).resource['openstack_compute_instance_v2']?.['server']?.['timeouts']
    expect(timeouts(fixtureLab('kvm'))).toEqual({ create: '10m', update: '10m', delete: '5m' })
    expect(timeouts(fixtureLab('qemu'))).toEqual({ create: '120m', update: '120m', delete: '60m' })
  })

  test("takes the lab's public key where there is one, with the mark as its comment", () => {
    const ssh = temporaryFolder()
    writeFileSync(join(ssh, 'id_ed25519.pub'), 'ssh-ed25519 AAAAkey user@host\n')
    const lab = fixtureLab('kvm')
    const { resource } = synthesize({ ...lab, paths: { ...lab.paths, ssh } })
    expect(resource['openstack_compute_keypair_v2']?.['keypair']).toMatchObject({
      public_key: 'ssh-ed25519 AAAAkey Duostack lab 1a2b3c4d',
    })
  })
})
