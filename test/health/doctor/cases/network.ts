import { at, both, type Case } from '../case.ts'

const agent = (agent_type: string, host: string, changes = {}) => ({
  id: `${agent_type}@${host}`,
  agent_type,
  host,
  alive: true,
  admin_state_up: true,
  heartbeat_timestamp: '2026-11-24 06:00:00',
  configurations: {},
  ...changes,
})
const onController = ['DHCP agent', 'Metadata agent', 'Linux bridge agent'].map((type) => agent(type, 'controller'))
const agents = (changes = {}) => ({ agents: [...onController, agent('Linux bridge agent', 'compute1', changes)] })

const settings = (flag: string, mapping: string) => ({
  settings: [at('controller', 'flag true\nmapping provider:eth1'), at('compute1', `flag ${flag}\nmapping ${mapping}`)],
})
const nic = (ifname: string, rest = {}) => ({ ifname, mtu: 1500, flags: ['UP'], master: 'brqaaaaaaaa-11', ...rest })
const bridge = nic('brqaaaaaaaa-11', { master: undefined, linkinfo: { info_kind: 'bridge' } })
const tap = nic('tapbbbbbbbb-22', { linkinfo: { info_kind: 'tun' } })
const onNodes = (...links: object[]) => [
  at('controller', JSON.stringify([nic('eth0', { master: undefined }), nic('eth1')])),
  at('compute1', JSON.stringify([nic('eth0', { master: undefined }), ...links])),
]
const host = [
  at(
    'host',
    JSON.stringify([
      { ...bridge, ifname: '1a2b3c4d-mgmt' },
      { ...bridge, ifname: '1a2b3c4d-prov' },
    ]),
  ),
]

const flat = {
  id: 'aaaaaaaa-1111',
  name: 'provider',
  'provider:network_type': 'flat',
  'provider:physical_network': 'provider',
}
const networks = { networks: [flat], subnets: [{ id: 's', network_id: flat.id, enable_dhcp: true }] }
const port = {
  id: 'bbbbbbbb-2222',
  network_id: flat.id,
  device_id: 'server-1',
  device_owner: 'compute:nova',
  security_groups: ['own'],
  'binding:host_id': 'compute1',
}
const running = [
  { id: 'server-1', name: 'server1', status: 'ACTIVE', addresses: {}, 'OS-EXT-SRV-ATTR:host': 'compute1' },
]
const tapCase = (...links: object[]) => ({ links: onNodes(...links), ports: [port], servers: running })

const admits = (protocol: string, changes = {}) => ({
  security_group_id: 'own',
  ethertype: 'IPv4',
  protocol,
  port_range_min: protocol === 'tcp' ? 22 : null,
  port_range_max: protocol === 'tcp' ? 22 : null,
  remote_ip_prefix: null,
  remote_group_id: null,
  ...changes,
})
const group = (...rules: object[]) => ({
  securityRules: rules,
  ports: [port],
  own: { id: 'server-1', address: '203.0.113.105' },
})
const ping = (text: string) => ({
  ping: [at('host', text)],
  own: { id: 'server-1', address: '203.0.113.105' },
  servers: running,
})
const namespace = (...lines: string[]) => ({ namespaces: [at('controller', lines.join('\n'))], networks })
const served = ['namespace aaaaaaaa-1111 169.254.169.254/32', 'up aaaaaaaa-1111 ns-1', 'process aaaaaaaa-1111 dnsmasq']

export const network: readonly Case[] = [
  {
    rule: 'agent-dead',
    healthy: agents(),
    broken: agents({ alive: false }),
    about: 'compute1/Linux bridge agent',
    evidence: ['last heartbeat at 2026-11-24 06:00:00'],
    fix: { node: 'compute1', script: 'systemctl restart neutron-linuxbridge-agent' },
  },
  {
    rule: 'agent-disabled',
    healthy: agents(),
    broken: agents({ admin_state_up: false }),
    about: 'compute1/Linux bridge agent',
    evidence: ['admin_state_up: false'],
  },
  {
    rule: 'linuxbridge-flag',
    healthy: settings('true', 'provider:eth1'),
    broken: settings('', 'provider:eth1'),
    about: 'compute1',
    evidence: ['linuxbridge = (not set)'],
    fix: { service: 'neutron' },
  },
  {
    rule: 'nic-mapping',
    healthy: { ...settings('true', 'provider:eth1'), links: onNodes(nic('eth1')) },
    broken: { ...settings('true', 'provider:eth9'), links: onNodes(nic('eth1')) },
    about: 'compute1',
    evidence: ['physical_interface_mappings = provider:eth9', 'eth0, eth1'],
    fix: { service: 'neutron' },
  },
  {
    rule: 'nic-mapping',
    healthy: { ...settings('true', 'provider:eth1'), links: onNodes(nic('eth1')) },
    broken: { ...settings('true', 'physnet1:eth1'), links: onNodes(nic('eth1')) },
    about: 'compute1',
    evidence: ['physical_interface_mappings = physnet1:eth1'],
    fix: { service: 'neutron' },
  },
  {
    rule: 'nic-is-bridge',
    healthy: { ...settings('true', 'provider:eth1'), links: onNodes(nic('eth1')) },
    broken: { ...settings('true', 'provider:brqaaaaaaaa-11'), links: onNodes(nic('eth1'), bridge) },
    about: 'compute1',
    evidence: ['is a bridge'],
    fix: { service: 'neutron' },
  },
  {
    rule: 'ebtables-broken',
    healthy: { ebtables: [at('compute1', '/usr/local/sbin/ebtables-by-number')] },
    broken: { ebtables: [at('compute1', '/usr/sbin/xtables-nft-multi')] },
    about: 'compute1',
    evidence: ['xtables-nft-multi'],
    fix: { service: 'neutron' },
  },
  {
    rule: 'frames-unfiltered',
    healthy: { frames: both('') },
    broken: { frames: [at('controller', ''), at('compute1', 'frames to instances are not looked at\n')] },
    about: 'compute1',
    evidence: ['frames to instances are not looked at'],
    fix: { service: 'neutron' },
  },
  {
    rule: 'provider-down',
    healthy: { links: onNodes(nic('eth1')) },
    broken: { links: onNodes(nic('eth1', { flags: [] })) },
    about: 'compute1',
    evidence: ['eth1 DOWN'],
    fix: { node: 'compute1', script: 'ip link set eth1 up' },
  },
  {
    rule: 'uplink-unbridged',
    healthy: { links: onNodes(nic('eth1'), bridge), networks },
    broken: { links: onNodes(nic('eth1', { master: undefined }), bridge), networks },
    about: 'compute1',
    evidence: ['eth1 UP mtu 1500 in no bridge', 'wanted: in brqaaaaaaaa-11'],
    fix: { node: 'compute1', script: 'ip link set eth1 master brqaaaaaaaa-11' },
  },
  {
    rule: 'tap-unbridged',
    healthy: tapCase(nic('eth1'), bridge, tap),
    broken: tapCase(nic('eth1'), bridge, { ...tap, master: undefined }),
    about: 'server1',
    evidence: ['tapbbbbbbbb-22 UP mtu 1500 in no bridge'],
    fix: { node: 'compute1' },
  },
  {
    rule: 'mtu-differs',
    healthy: { nodes: onNodes(nic('eth1')), host },
    broken: { nodes: onNodes(nic('eth1', { mtu: 1400 })), host },
    about: 'compute1/eth1',
    evidence: ['mtu 1400', 'the others on this network: mtu 1500'],
    fix: { node: 'compute1', script: 'ip link set eth1 mtu 1500' },
  },
  {
    rule: 'security-group',
    healthy: group(admits('icmp'), admits('tcp')),
    broken: group(admits('icmp', { remote_group_id: 'own' }), admits('tcp')),
    about: 'server1',
    evidence: ['none allows ICMP'],
  },
  {
    rule: 'instance-silent',
    healthy: ping('64 bytes from 203.0.113.105: icmp_seq=1 ttl=64 time=0.4 ms'),
    broken: ping(
      '3 packets transmitted, 0 received, 100% packet loss\nneighbour 203.0.113.105 dev x lladdr fa:16:3e:1 REACHABLE',
    ),
    about: 'server1',
    evidence: ['100% packet loss', 'lladdr fa:16:3e:1'],
  },
  {
    rule: 'dhcp-missing',
    healthy: namespace(...served),
    broken: namespace(...served.slice(0, 2)),
    about: 'provider',
    evidence: ['missing: dnsmasq'],
    fix: { node: 'controller', script: 'systemctl restart neutron-dhcp-agent' },
  },
]
