/** Routers, floating IPs and project networks; what the controller prints is cut down from a real lab. */

import { at, type Case } from '../case.ts'

const router = { id: 'rrrrrrrr-1111-2222', name: 'router', admin_state_up: true }
const space = `qrouter-${router.id}`
const network = {
  id: 'cccccccc-1111',
  name: 'selfservice',
  'provider:network_type': 'vxlan',
  'provider:physical_network': null,
  'provider:segmentation_id': 12,
  mtu: 1450,
}
const port = (id: string, device_owner: string, host: string, changes = {}) => ({
  id,
  network_id: network.id,
  device_id: router.id,
  device_owner,
  status: 'ACTIVE',
  'binding:host_id': host,
  ...changes,
})
const ports = [
  port('bbbbbbbb-1111', 'network:router_gateway', 'controller', { network_id: 'aaaaaaaa-1111' }),
  port('bbbbbbbb-2222', 'network:router_interface', 'controller'),
  port('bbbbbbbb-3333', 'compute:nova', 'compute1', { device_id: 'server-1' }),
]
const networks = { networks: [network], subnets: [] }

const agent = (...routers: string[]) => ({
  id: 'agent-l3',
  agent_type: 'L3 agent',
  host: 'controller',
  alive: true,
  admin_state_up: true,
  routers,
})
const floating = {
  floating_ip_address: '203.0.113.139',
  fixed_ip_address: '172.16.1.20',
  router_id: router.id,
  status: 'ACTIVE',
}
const routing = (...routers: string[]) => ({
  routers: [router],
  agents: [agent(...routers)],
  floatingIps: [
    floating,
    { ...floating, floating_ip_address: '203.0.113.140', fixed_ip_address: null, router_id: null },
  ],
})

const nic = (ifname: string, changes = {}) => ({ ifname, mtu: 1450, flags: ['UP'], ...changes })
const links = (...list: object[]) => `links ${space} ${JSON.stringify([nic('lo', { mtu: 65536 }), ...list])}`
const [gateway, inside] = [nic('qg-bbbbbbbb-11', { mtu: 1500 }), nic('qr-bbbbbbbb-22')]
const nat = [
  `nat ${space} -A neutron-l3-agent-PREROUTING -d 203.0.113.139/32 -j DNAT --to-destination 172.16.1.20`,
  `nat ${space} -A neutron-l3-agent-float-snat -s 172.16.1.20/32 -j SNAT --to-source 203.0.113.139 --random-fully`,
]
const onController = (...lines: string[]) => [at('controller', [...lines, 'read'].join('\n'))]

const fdb = (to: string) => `00:00:00:00:00:00 dev vxlan-12 dst ${to} self permanent\nread`
const onNodes = (mtu: number, eth0 = 1500) => [
  at('controller', JSON.stringify([nic('eth0', { mtu: 1500 }), nic('vxlan-12', { master: 'brqcccccccc-11' })])),
  at('compute1', JSON.stringify([nic('eth0', { mtu: eth0 }), nic('vxlan-12', { master: 'brqcccccccc-11', mtu })])),
]

export const selfService: readonly Case[] = [
  {
    rule: 'router-unhosted',
    healthy: { routing: routing(router.id), ports },
    broken: { routing: routing(), ports },
    about: `router (${router.id})`,
    evidence: [`no L3 agent has router ${router.id}`],
    fix: {},
  },
  {
    rule: 'router-missing',
    healthy: { routing: routing(router.id), ports, namespaces: onController(links(gateway, inside)) },
    broken: { routing: routing(router.id), ports, namespaces: onController() },
    about: `router (${router.id})`,
    evidence: [`controller: missing: the namespace ${space}`],
    fix: { node: 'controller' },
  },
  {
    rule: 'router-missing',
    healthy: { routing: routing(router.id), ports, namespaces: onController(links(gateway, inside)) },
    broken: { routing: routing(router.id), ports, namespaces: onController(links(gateway, { ...inside, flags: [] })) },
    about: `router (${router.id})`,
    evidence: [`controller: missing: qr-bbbbbbbb-22, up, in ${space}`],
    fix: { node: 'controller', script: 'systemctl restart neutron-l3-agent' },
  },
  {
    rule: 'nat-missing',
    healthy: { routing: routing(router.id), namespaces: onController(links(), ...nat) },
    broken: { routing: routing(router.id), namespaces: onController(links(), nat[1]!) },
    about: `router (${router.id})`,
    evidence: ['missing: DNAT 203.0.113.139 to 172.16.1.20'],
    fix: { node: 'controller', script: 'systemctl restart neutron-l3-agent' },
  },
  {
    rule: 'vxlan-peer',
    healthy: { tunnels: [at('controller', fdb('10.0.0.31')), at('compute1', fdb('10.0.0.11'))], networks, ports },
    broken: { tunnels: [at('controller', fdb('10.0.0.31')), at('compute1', 'read')], networks, ports },
    about: `compute1/selfservice (${network.id})`,
    evidence: ['compute1: bridge fdb show dev vxlan-12: no 00:00:00:00:00:00 dst 10.0.0.11 (controller)'],
    fix: { node: 'compute1', script: 'systemctl restart neutron-linuxbridge-agent' },
  },
  {
    rule: 'project-mtu',
    healthy: { links: onNodes(1450), namespaces: onController(links(gateway, inside)), networks, ports },
    broken: { links: onNodes(1400), namespaces: onController(links(gateway, inside)), networks, ports },
    about: `compute1/selfservice (${network.id})`,
    evidence: ['vxlan-12 UP mtu 1400', 'wanted: mtu 1450'],
    fix: { node: 'compute1', script: 'ip link set vxlan-12 mtu 1450' },
  },
  {
    rule: 'project-mtu',
    healthy: { links: onNodes(1450), namespaces: onController(links(gateway, inside)), networks, ports },
    broken: {
      links: onNodes(1450),
      namespaces: onController(links(gateway, { ...inside, mtu: 1400 })),
      networks,
      ports,
    },
    about: `controller/selfservice (${network.id})`,
    evidence: ['qr-bbbbbbbb-22 UP mtu 1400', 'wanted: mtu 1450'],
    fix: { node: 'controller', script: `ip -n ${space} link set qr-bbbbbbbb-22 mtu 1450` },
  },
  {
    rule: 'project-mtu',
    healthy: { links: onNodes(1450), namespaces: onController(), networks, ports },
    broken: { links: onNodes(1450, 1400), namespaces: onController(), networks, ports },
    about: `compute1/selfservice (${network.id})`,
    evidence: ['eth0 UP mtu 1400', 'wanted: mtu 1500'],
    fix: { node: 'compute1', script: 'ip link set eth0 mtu 1500' },
  },
]
