import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LabError } from '../../scripts/declaration/errors.ts'
import { newIdentity, writeIdentity } from '../../scripts/declaration/identity.ts'
import { composeLab, loadDeclaration, loadLab, loadLabOfId, loadLabToRemove } from '../../scripts/declaration/load.ts'
import { byService, profileOf } from '../../scripts/declaration/service-profiles.ts'
import { adviseHost, lookAtHost } from '../../scripts/host/preflight.ts'
import { fitMachine } from '../host/facts.ts'
import { makeCheckout } from './checkout.ts'

const digest = 'ab'.repeat(32)
const terraform = { name: 'tofu', path: '/usr/bin/tofu' } as const

describe('a valid declaration', () => {
  it('is the one in ansible-vars of this checkout', () => {
    const root = join(import.meta.dirname, '../..')
    expect(loadDeclaration(root).nodes.some(({ roles }) => roles.includes('controller'))).toBe(true)
  })

  it('becomes a lab of two nodes', () => {
    const lab = loadLab(makeCheckout())
    expect(lab.nodes).toMatchObject([
      {
        name: 'controller',
        roles: ['controller', 'storage'],
        address: '10.0.0.11',
        memoryMiB: 6144,
        volumeDiskGiB: 10,
      },
      { name: 'compute1', roles: ['compute'], address: '10.0.0.31', memoryMiB: 3072, volumeDiskGiB: 0 },
    ])
    expect(lab).toMatchObject({ name: 'duostack', region: 'RegionOne', apiWorkers: 1, configOverrides: {} })
    expect(lab.networks.management).toEqual({
      name: 'duostack-management',
      bridge: '00000000-mgmt',
      cidr: '10.0.0.0/24',
      prefixLength: 24,
      hostAddress: '10.0.0.1',
    })
    expect(lab.networks.vlan).toMatchObject({ vlanId: 101, cidr: '192.0.2.0/24', pool: { start: '192.0.2.101' } })
    expect(lab.networks.vlan).toMatchObject({ hostAddress: '192.0.2.1', prefixLength: 24, interface: `${lab.id}-v101` })
    expect(lab.networks.vlanRange).toEqual([200, 299])
    expect(lab.services).toEqual(byService((name) => profileOf(name).optional !== 'off'))
  })

  it('lets a node differ from its group', () => {
    const own = '10.0.0.31\n          vcpus: 4\n          disk_gib: 40'
    const { nodes } = loadLab(makeCheckout(['hosts', '10.0.0.31', own]))
    expect(nodes[1]).toMatchObject({ vcpus: 4, memoryMiB: 3072, diskGiB: 40 })
  })

  it('lets the compute node hold the volumes', () => {
    const storage: [string, string] = [
      'storage:\n      hosts:\n        controller:',
      'storage:\n      hosts:\n        compute1:',
    ]
    const { nodes } = loadLab(makeCheckout(['hosts', ...storage]))
    expect(nodes.map(({ roles, volumeDiskGiB }) => [...roles, volumeDiskGiB])).toEqual([
      ['controller', 0],
      ['compute', 'storage', 10],
    ])
  })

  it('may have separate storage nodes, which have their own sizes and come last', () => {
    const storage1 =
      'storage1: { ansible_host: 10.0.0.41, vcpus: 1, memory_mib: 1536, disk_gib: 10, volume_disk_gib: 4 }'
    const root = makeCheckout([
      'hosts',
      'storage:\n      hosts:\n        controller:',
      `storage:\n      hosts:\n        ${storage1}`,
    ])
    const own = loadLab(root).nodes.at(-1)
    expect(own).toMatchObject({ name: 'storage1', roles: ['storage'], address: '10.0.0.41', vcpus: 1, memoryMiB: 1536 })
    expect(own).toMatchObject({ diskGiB: 10, volumeDiskGiB: 4 })
  })

  it('may do without VLAN network, overrides, storage and the services that are optional', () => {
    const root = makeCheckout(
      ['hosts', '    storage:\n      hosts:\n        controller:\n', ''],
      ['all', '  cinder: true\n  horizon: true', '  cinder: no\n  horizon: off'],
      ['all', 'lab_config_overrides: {}\n', ''],
      ['all', '  name: provider-vlan\n  vlan_id: 101\n  cidr: 192.0.2.0/24\n  pool_start: 192.0.2.101\n', ''],
      ['all', 'lab_vlan_network:\n  pool_end: 192.0.2.250\n  host_address: 192.0.2.1\n', ''],
    )
    const lab = loadLab(root)
    expect(lab.networks.vlan).toBeUndefined()
    expect(lab.services).toMatchObject({ cinder: false, horizon: false, neutron: true })
    expect(lab.configOverrides).toEqual({})
  })

  it('gives overrides as they are written, not as YAML understands them', () => {
    const written = '{ a: yes, b: 0640, c: 1.10, d: "%(x)s", e: 1e3, f: "" }'
    const overrides = `lab_config_overrides:\n  /etc/glance/glance-api.conf:\n    DEFAULT: ${written}`
    const { configOverrides } = loadLab(makeCheckout(['all', 'lab_config_overrides: {}', overrides]))
    expect(configOverrides).toEqual({
      '/etc/glance/glance-api.conf': { DEFAULT: { a: 'yes', b: '0640', c: '1.10', d: '%(x)s', e: '1e3', f: '' } },
    })
  })
})

describe('overrides', () => {
  const declare = (text: string) => makeCheckout(['all', 'lab_config_overrides: {}', `lab_config_overrides: ${text}`])
  const advice = (text: string) => loadDeclaration(declare(text)).advice?.map(({ where, given }) => `${where} ${given}`)

  it('may give a key a list of values, each as it is written', () => {
    const { configOverrides } = loadLab(
      declare(`{ /etc/nova/nova.conf: { pci: { alias: ['{ "a": 1 }', yes, 0640] } } }`),
    )
    expect(configOverrides).toEqual({ '/etc/nova/nova.conf': { pci: { alias: ['{ "a": 1 }', 'yes', '0640'] } } })
  })

  it('of a section or key that only a plug-in could read give a warning, not an error', () => {
    expect(advice('{ /etc/nova/nova.conf: { my_plugin: { colour: blue }, libvirt: { colour: blue } } }')).toEqual([
      'ansible-vars/group_vars/all.yml:27:48 /etc/nova/nova.conf: the section [my_plugin]',
      'ansible-vars/group_vars/all.yml:27:88 /etc/nova/nova.conf: [libvirt] colour',
    ])
  })

  it('with a warning are named by up, on a running lab too, and by doctor --host', () => {
    const declaration = loadDeclaration(declare('{ /etc/nova/nova.conf: { my_plugin: { colour: blue } } }'))
    const wanted = { root: '/nowhere', declaration, isolation: 'none', living: true, image: true } as const
    expect(adviseHost(fitMachine, wanted)).toEqual(declaration.advice)
    expect(lookAtHost(fitMachine, wanted).at(-1)).toMatchObject({ verdict: 'advice', findings: declaration.advice })
  })

  it.each([
    [
      'a backend of Cinder',
      '/etc/cinder/cinder.conf',
      '{ DEFAULT: { enabled_backends: "lvm,fast" }, fast: { volume_group: g } }',
    ],
    ["the lab's own backend", '/etc/cinder/cinder.conf', '{ lvm: { max_over_subscription_ratio: 2.0 } }'],
    [
      'a store of Glance',
      '/etc/glance/glance-api.conf',
      '{ DEFAULT: { enabled_backends: "fast:file" }, fast: { filesystem_store_datadir: /a } }',
    ],
    ['an earlier name of an option', '/etc/nova/nova.conf', '{ DEFAULT: { pci_alias: x } }'],
    ['another way to sign in', '/etc/nova/nova.conf', '{ keystone_authtoken: { application_credential_id: x } }'],
    [
      'an option of ML2 in a file that the server reads too',
      '/etc/neutron/neutron.conf',
      '{ ml2: { extension_drivers: "port_security,dns" } }',
    ],
    [
      'a dash for an underscore in MariaDB',
      '/etc/mysql/mariadb.conf.d/99-openstack.cnf',
      '{ mariadb: { innodb-buffer-pool-size: 64M } }',
    ],
    ['what systemd alone knows', '/etc/systemd/system.conf.d/duostack.conf', '{ Manager: { DefaultTasksMax: 100 } }'],
    ['logs that are as they were', '/etc/nova/nova.conf', '{ DEFAULT: { use_json: false, debug: true } }'],
    ['the MTU that the wires have', '/etc/neutron/neutron.conf', '{ DEFAULT: { global_physnet_mtu: 1500 } }'],
    ['a file of another kind of node', '/etc/nova/nova-compute-kvm.conf', '{ libvirt: { cpu_mode: host-model } }'],
  ])('of %s are accepted', (_, path, sections) => {
    expect(advice(`{ ${path}: ${sections} }`)).toEqual([])
  })
})

describe('a lab', () => {
  const declaration = loadDeclaration(makeCheckout())
  const composed = (hypervisor: 'kvm' | 'qemu' | 'lxc', isolation: 'none' | 'netns') => {
    const capabilities = { vlan: true, lvm: false }
    const identity = newIdentity(declaration, { hypervisor, isolation, imageDigest: digest, terraform, capabilities })
    return composeLab('/home/user/duostack', declaration, { ...identity, id: '1a2b3c4d' })
  }

  const capabilities = { vlan: false, lvm: false }
  const resolved = { hypervisor: 'lxc', isolation: 'netns', imageDigest: digest, terraform, capabilities } as const
  const identity = newIdentity(declaration, resolved)

  it('without identity is a preview that leaves nothing behind', () => {
    const root = makeCheckout()
    expect(loadLab(root)).toMatchObject({ id: '00000000', hypervisor: 'kvm', isolation: 'none' })
    expect(loadLab(root, { hypervisor: 'lxc', imageDigest: digest })).toMatchObject({
      hypervisor: 'lxc',
      paths: { image: `/var/cache/duostack/images/${digest}` },
    })
    expect(existsSync(join(root, '.lab'))).toBe(false)
  })

  it('of VMs can do everything, emulated ones in twelve times the time', () => {
    expect(composed('kvm', 'none')).toMatchObject({ capabilities: { vlan: true, lvm: true }, timeScale: 1 })
    expect(composed('qemu', 'none')).toMatchObject({ capabilities: { vlan: true, lvm: true }, timeScale: 12 })
  })

  it('of containers can do what the probes found, and has no second disks', () => {
    const lab = composed('lxc', 'none')
    expect(lab).toMatchObject({ capabilities: { vlan: true, lvm: false }, timeScale: 1 })
    expect(lab.nodes.map(({ volumeDiskGiB }) => volumeDiskGiB)).toEqual([0, 0])
  })

  it("speaks to the system's libvirtd, or in a namespace of its own to a private one", () => {
    const shared = composed('kvm', 'none')
    expect(shared).toMatchObject({
      libvirtUri: 'qemu:///system',
      libvirtUris: { qemu: 'qemu:///system', lxc: 'lxc:///system' },
    })
    expect(shared).not.toHaveProperty('netns')
    const socket = '/var/lib/duostack/1a2b3c4d/libvirt/run/libvirt-sock'
    expect(composed('lxc', 'netns')).toMatchObject({
      netns: 'duostack-1a2b3c4d',
      libvirtUri: `lxc+unix:///system?socket=${socket}`,
      libvirtUris: { qemu: `qemu+unix:///system?socket=${socket}`, lxc: `lxc+unix:///system?socket=${socket}` },
    })
  })

  it('has a different MAC address for each interface, the same every time', () => {
    const { nodes } = composed('kvm', 'none')
    const macs = nodes.flatMap(({ macs }) => Object.values(macs))
    expect(new Set(macs).size).toBe(4)
    for (const mac of macs) expect(mac).toMatch(/^52:54:00(:[0-9A-F]{2}){3}$/)
    expect(composed('kvm', 'none').nodes).toEqual(nodes)
  })

  it('has bridge names that the kernel accepts', () => {
    const { management, provider } = composed('kvm', 'none').networks
    expect([management.bridge, provider.bridge]).toEqual(['1a2b3c4d-mgmt', '1a2b3c4d-prov'])
    expect(Math.max(management.bridge.length, provider.bridge.length)).toBeLessThanOrEqual(15)
  })

  it('is frozen all the way down', () => {
    const lab = composed('kvm', 'none')
    expect(() => Object.assign(lab.nodes[0]!.macs, { provider: '' })).toThrow(TypeError)
    expect(() => Object.assign(lab.cloud.flavor, { vcpus: 9 })).toThrow(TypeError)
    expect(() => (lab.nodes as unknown[]).push({})).toThrow(TypeError)
  })

  it('keeps what its identity fixes even if the declaration has changed', () => {
    const root = makeCheckout(['all', 'duostack', 'other'], ['all', 'hypervisor: auto', 'hypervisor: kvm'])
    writeIdentity(root, identity)
    expect(loadLab(root)).toMatchObject({ id: identity.id, name: 'duostack', hypervisor: 'lxc', isolation: 'netns' })
  })

  it('can be removed even if the declaration is broken', () => {
    const root = makeCheckout(['all', 'duostack', '{{ broken }}'])
    expect(() => loadLabToRemove(root)).toThrow(LabError)
    writeIdentity(root, identity)
    expect(() => loadLab(root)).toThrow(LabError)
    const { id, name, isolation, libvirtUris, paths } = composeLab(root, declaration, identity)
    const { state, data, terraform } = paths
    const handle = { id, isolation, root, paths: { state, data, terraform }, libvirtUris, nodes: [] }
    expect(loadLabToRemove(root)).toEqual({ ...handle, name })
    // The lab's folder on this machine was removed, and with it the record of its namespace.
    const lost = composeLab(root, declaration, { ...identity, isolation: 'none' })
    expect(loadLabOfId(root, id)).toEqual({ ...handle, isolation: 'none', libvirtUris: lost.libvirtUris })
  })
})
