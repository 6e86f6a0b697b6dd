/** What users of the cloud may ask for and whether it is available, from the services (docs/reference/features.md). */

import { profileOf, serviceNames } from '../declaration/service-profiles.ts'
import { entriesOf } from '../engine/catalog.ts'
import type { Service } from '../engine/service.ts'

/** The services of a default lab; `full`: with everything that can be declared and that a kernel may support. */
export interface Offer {
  machines: readonly Service[]
  containers: readonly Service[]
  fullMachines: readonly Service[]
  fullContainers: readonly Service[]
}

interface Feature {
  what: string
  /** As the OpenStack client and Terraform's provider call it. */
  words: string
  has: (services: readonly Service[]) => boolean
  /** What a lab without it by default needs, or why it is never available. */
  note?: string
}

/** A value of an INI file as written, from any node that has the file. */
function readValue(services: readonly Service[], path: string, section: string, key: string): string {
  const files = services.flatMap(({ parts }) => parts.flatMap((part) => part.files))
  const values = files.flatMap(({ path: found, content }) => {
    if (found !== path || typeof content === 'string') return []
    const value = content[section]?.[key]
    return value === undefined ? [] : [String(value)]
  })
  return values[0] ?? ''
}

const lists = (path: string, section: string, key: string, word: string) => (services: readonly Service[]) =>
  readValue(services, path, section, key).split(',').includes(word)
const neutron = '/etc/neutron/neutron.conf'
const ml2 = '/etc/neutron/plugins/ml2/ml2_conf.ini'
const plugin = (name: string) => lists(neutron, 'DEFAULT', 'service_plugins', name)
const extension = (name: string) => lists(ml2, 'ml2', 'extension_drivers', name)
const runs = (unit: string) => (services: readonly Service[]) =>
  services.some(({ parts }) => parts.some(({ units }) => units.includes(unit)))
const installs = (name: string) => (services: readonly Service[]) =>
  services.some(({ parts }) => parts.some(({ packages }) => packages.includes(name)))
const catalog = (type: string) => (services: readonly Service[]) =>
  services.some(({ identity }) => identity && entriesOf(identity).some((entry) => entry.type === type))
const hasKey = (path: string, section: string, key: string) => (services: readonly Service[]) =>
  readValue(services, path, section, key) !== ''

const no802 = "if the nodes' kernel supports 802.1Q"
const otherService = 'a separate service, not installed'

/** Other OpenStack services, with their type in the catalog. */
const otherServices = [
  ['Object storage (Swift)', '`container`, `object`', 'object-store'],
  ['Load balancers (Octavia)', '`loadbalancer`', 'load-balancer'],
  ['Secrets (Barbican)', '`secret`', 'key-manager'],
  ['DNS zones (Designate)', '`zone`', 'dns'],
  ['Shared file systems (Manila)', '`share`', 'sharev2'],
  ['Bare metal (Ironic)', '`baremetal`', 'baremetal'],
] as const

/** The services that define a row in their profiles. */
const profiled = serviceNames.flatMap((name): Feature[] => {
  const { feature, optional } = profileOf(name)
  const has = (services: readonly Service[]) => services.some((service) => service.name === name)
  const note = optional === 'off' ? { note: `\`lab_services.${name}: true\`` } : {}
  return feature ? [{ ...feature, has, ...note }] : []
})
const profiledTypes = serviceNames.flatMap((name) => profileOf(name).catalog ?? []).map(({ type }) => type)

export const features: readonly Feature[] = [
  { what: 'Instances, images, keys', words: '`server`, `image`, `keypair`', has: catalog('compute') },
  { what: 'Config drives', words: '`server create --config-drive True`', has: installs('genisoimage') },
  {
    what: 'Resize; migration of a stopped server with two compute nodes',
    words: '`server resize`, `server migrate`',
    has: (services) => readValue(services, '/etc/nova/nova.conf', 'DEFAULT', 'allow_resize_to_same_host') === 'true',
  },
  {
    what: 'Live migration',
    words: '`server migrate --live-migration`',
    has: (services) => readValue(services, '/etc/nova/nova.conf', 'libvirt', 'live_migration_scheme') !== '',
    note: "libvirtd does not listen on any network; with access to another node's libvirtd, a compute node would be root there",
  },
  {
    what: 'Provider networks, flat',
    words: '`network create --provider-network-type flat`',
    has: lists(ml2, 'ml2', 'type_drivers', 'flat'),
  },
  {
    what: "VLAN networks, including a project's own networks",
    words: '`network create`',
    has: lists(ml2, 'ml2', 'tenant_network_types', 'vlan'),
    note: no802,
  },
  { what: 'Port security, security groups', words: '`security group`', has: extension('port_security') },
  {
    what: 'DNS names of ports',
    words: '`port create --dns-name`, `dns_name`',
    has: extension('dns'),
    note: 'Neutron needs the router extension for this and does not start without it',
  },
  {
    what: 'Trunks: one port for several networks, by tag',
    words: '`network trunk`, `openstack_networking_trunk_v2`',
    has: plugin('trunk'),
    note: `${no802}; otherwise the extension is absent`,
  },
  {
    what: 'Routers, floating IPs, NAT',
    words: '`router`, `floating ip`',
    has: plugin('router'),
    note: '`lab_networking: self-service`',
  },
  {
    what: 'Overlay networks (VXLAN)',
    words: '`network create --provider-network-type vxlan`',
    has: lists(ml2, 'ml2', 'type_drivers', 'vxlan'),
    note: '`lab_networking: self-service`',
  },
  {
    what: 'IPv6 behind a router: SLAAC, stateless and stateful DHCPv6',
    words: '`subnet create --ip-version 6`',
    has: plugin('router'),
    note: '`lab_networking: self-service` ([IPv6](../guide/self-service.md#ipv6)); not to the outside',
  },
  {
    what: 'The Internet, from instances and nodes',
    words: '',
    has: runs('duostack-outbound'),
    note: '`lab_outbound: true` ([The way out](../guide/outbound.md)); IPv4 only',
  },
  {
    what: 'Quality of service: bandwidth limits, DSCP',
    words: '`network qos policy`, `openstack_networking_qos_policy_v2`',
    has: plugin('qos'),
    note: "needs traffic control in the nodes' kernel, which containers often lack",
  },
  { what: 'Volumes, snapshots, clones', words: '`volume`, `volume snapshot`', has: catalog('volumev3') },
  {
    what: 'Volume backups',
    words: '`volume backup`',
    has: runs('cinder-backup'),
    note: '`lab_volume_backup: true` ([Volumes](../guide/volumes.md#backups))',
  },
  {
    what: 'Encrypted volume types',
    words: '`volume type create --encryption-provider`',
    has: hasKey('/etc/cinder/cinder.conf', 'key_manager', 'backend'),
    note: 'needs a key manager (Barbican), which this lab does not have',
  },
  {
    what: 'Images that Glance downloads from a URL (`web-download`)',
    words: '`image create --import`',
    // By default Glance accepts all of them.
    has: (services) =>
      /^$|web-download/.test(readValue(services, '/etc/glance/glance-api.conf', 'DEFAULT', 'enabled_import_methods')),
    note: 'a project could use it to read from the management network; `./lab image add URL` downloads on this machine',
  },
  { what: 'The dashboard', words: '`./lab open`', has: runs('apache2') },
  { what: 'Consoles in a browser', words: '`console url show`', has: runs('nova-novncproxy') },
  ...profiled,
  ...otherServices
    .filter(([, , type]) => !profiledTypes.includes(type))
    .map(([what, words]) => ({ what, words, has: () => false, note: otherService })),
]

type Kind = readonly [byDefault: readonly Service[], full: readonly Service[]]

function cellOf({ has }: Feature, [byDefault, full]: Kind): string {
  return has(byDefault) ? 'yes' : has(full) ? 'can' : 'no'
}

export function renderFeatures({ machines, containers, fullMachines, fullContainers }: Offer): string {
  const rows = features.map((feature) => {
    const kinds: Kind[] = [
      [machines, fullMachines],
      [containers, fullContainers],
    ]
    return `| ${[feature.what, feature.words, ...kinds.map((kind) => cellOf(feature, kind)), feature.note ?? ''].join(' | ')} |`
  })
  return [
    '# Features: what this cloud has',
    '',
    'Generated from the data of the services: `npx vitest run test/services/features.test.ts -u` regenerates it.',
    '',
    'Use this table if you have a script, a Terraform configuration or a lesson that was written for another cloud.',
    '`yes`: available with the default settings. `can`: available if the condition in the last column is met. `no`: not',
    'available; requests for it fail, usually with 404.',
    '',
    '| what | in the client, in Terraform | on virtual machines | in containers | |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}
