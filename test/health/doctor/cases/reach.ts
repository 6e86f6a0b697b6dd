import { expect } from 'vitest'
import { at, type Case } from '../case.ts'

const list = (controller: string, compute: string) =>
  ` 1     duostack-controller   ${controller}\n ${compute === 'shut off' ? '-' : '2'}     duostack-compute1     ${compute}\nanswered\n`

const link = (ifname: string, rest = {}) => ({
  ifname,
  mtu: 1500,
  flags: ['BROADCAST', 'UP'],
  linkinfo: { info_kind: 'bridge' },
  addr_info: [],
  ...rest,
})
const address = (local: string) => ({ addr_info: [{ family: 'inet', local, prefixlen: 24 }] })
const management = link('1a2b3c4d-mgmt', address('10.0.0.1'))
const provider = link('1a2b3c4d-prov', address('203.0.113.1'))
const host = (...links: object[]) => ({ links: [at('host', JSON.stringify(links))] })

const route = (toController: string, toProvider = '1a2b3c4d-prov') =>
  [
    `route 10.0.0.11 10.0.0.11 dev ${toController} src 10.0.0.1 uid 0`,
    'route 10.0.0.31 10.0.0.31 dev 1a2b3c4d-mgmt src 10.0.0.1 uid 0',
    `route 203.0.113.101 203.0.113.101 dev ${toProvider} src 203.0.113.1 uid 0`,
  ].join('\n')

const dhcp = (line: string) => ({ dhcpServers: [at('host', line)] })

const accepted = ['mgmt', 'prov'].map(
  (short) => `-A FORWARD -i 1a2b3c4d-${short} -o 1a2b3c4d-${short} -m comment --comment duostack-1a2b3c4d -j ACCEPT`,
)
const forwarding = (...lines: string[]) => ({ forwarding: [at('host', ['filtered', ...lines].join('\n'))] })

export const reach: readonly Case[] = [
  {
    rule: 'libvirt-silent',
    healthy: { domains: [at('host', list('running', 'running'))] },
    broken: { domains: [at('host', "error: Failed to connect socket to '/var/lib/duostack/run/libvirt-sock'")] },
    about: 'host',
    evidence: ['Failed to connect socket'],
    fix: { work: expect.any(Function) },
  },
  {
    rule: 'bridge-module',
    healthy: { modules: [at('host', 'br_netfilter\nlooked\n')] },
    broken: { modules: [at('host', 'looked\n')] },
    about: 'host',
    evidence: ['/proc/sys/net/bridge'],
    fix: { work: expect.any(Function) },
  },
  {
    rule: 'inotify-used-up',
    healthy: { watches: [at('host', '109 128\n')] },
    broken: { watches: [at('host', '2 128\n')] },
    about: 'host',
    evidence: ['max_user_instances = 128, 2 of them left'],
  },
  {
    rule: 'bridge-filtered',
    healthy: forwarding('-P FORWARD DROP', ...accepted),
    broken: forwarding('-P FORWARD DROP', accepted[0]!),
    about: '1a2b3c4d-prov',
    evidence: ['-P FORWARD DROP'],
    fix: { work: expect.any(Function) },
  },
  {
    rule: 'bridge-filtered',
    healthy: forwarding(
      '-P FORWARD DROP',
      '-A FORWARD -j DOCKER-USER',
      '-A FORWARD -j LIBVIRT_FWX',
      '-A FORWARD -j DROP',
    ),
    broken: forwarding('-P FORWARD ACCEPT', '-A FORWARD -i 1a2b3c4d-mgmt -o 1a2b3c4d-mgmt -j DROP', accepted[0]!),
    about: '1a2b3c4d-mgmt',
    evidence: ['-i 1a2b3c4d-mgmt -o 1a2b3c4d-mgmt -j DROP'],
    fix: { work: expect.any(Function) },
  },
  {
    rule: 'node-not-running',
    healthy: { domains: [at('host', list('running', 'running'))] },
    broken: { domains: [at('host', list('running', 'paused'))] },
    about: 'compute1',
    evidence: ['duostack-compute1 paused'],
    fix: { host: expect.stringContaining('resume duostack-compute1') },
  },
  {
    rule: 'node-not-running',
    healthy: { domains: [at('host', list('running', 'running'))] },
    // No repair is safe here: `up` repairs it.
    broken: { domains: [at('host', list('running', 'shut off'))] },
    about: 'compute1',
    evidence: ['duostack-compute1 shut off'],
  },
  {
    rule: 'host-address',
    healthy: host(management, provider),
    broken: host(management, { ...provider, addr_info: [] }),
    about: '1a2b3c4d-prov',
    evidence: ['1a2b3c4d-prov UP', 'wanted: UP 203.0.113.1/24'],
    fix: { host: expect.stringContaining('ip address replace 203.0.113.1/24') },
  },
  {
    rule: 'host-address',
    healthy: host(management, provider),
    broken: host({ ...management, flags: [] }, provider),
    about: '1a2b3c4d-mgmt',
    evidence: ['1a2b3c4d-mgmt DOWN'],
    fix: { host: expect.stringContaining('ip link set 1a2b3c4d-mgmt up') },
  },
  {
    rule: 'route-elsewhere',
    healthy: { routes: [at('host', route('1a2b3c4d-mgmt'))] },
    broken: { routes: [at('host', route('tun0'))] },
    about: 'controller',
    evidence: ['dev tun0', 'wanted: dev 1a2b3c4d-mgmt'],
  },
  {
    rule: 'node-silent',
    healthy: {},
    broken: {},
    around: { silent: new Map([['compute1', 'connect to host 10.0.0.31 port 22: Connection refused']]) },
    about: 'compute1',
    evidence: ['Connection refused'],
  },
  {
    rule: 'foreign-dhcp',
    healthy: dhcp('UNCONN 0 0 192.168.122.1%virbr0:67 0.0.0.0:*'),
    broken: dhcp('UNCONN 0 0 0.0.0.0%1a2b3c4d-prov:67 0.0.0.0:* users:(("dnsmasq",pid=42,fd=3))'),
    about: '1a2b3c4d-prov',
    evidence: ['dnsmasq'],
  },
]
