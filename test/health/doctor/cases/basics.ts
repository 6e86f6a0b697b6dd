import { expect } from 'vitest'
import { at, both, type Case } from '../case.ts'

const names = (controller: string) => `controller ${controller}\ncompute1 10.0.0.31`
const follows = (state: string, active = 'active') => [
  at('controller', `${' '}\nactive active`),
  at('compute1', `^,${state},10.0.0.11,10,6,377,12,0.000001,0.000002,0.00003\nactive ${active}`),
]
const memory = (used: number) => [
  at('controller', 'used 4000\nlargest mariadbd 300 MiB, '),
  at(
    'compute1',
    `used ${used}\nlargest qemu-system-x86 900 MiB, nova-compute 150 MiB, \nkilled Out of memory: Killed process 42`,
  ),
]
const disk = (used: string) => both(`/ ${used} 1048576 3%\n/var/lib/glance/images 12% 9999999 0%`)

export const basics: readonly Case[] = [
  {
    rule: 'host-name',
    healthy: { hostName: [at('controller', 'controller\n'), at('compute1', 'compute1\n')] },
    broken: { hostName: [at('controller', 'controller\n'), at('compute1', 'localhost\n')] },
    about: 'compute1',
    evidence: ['hostname: localhost'],
    fix: { node: 'compute1' },
  },
  {
    rule: 'name-on-loopback',
    healthy: { names: both(names('10.0.0.11')) },
    broken: { names: [at('controller', names('10.0.0.11')), at('compute1', names('10.0.0.11 127.0.1.1'))] },
    about: 'compute1',
    evidence: ['getent ahostsv4 controller: 10.0.0.11 127.0.1.1', 'wanted: 10.0.0.11'],
    fix: { service: 'base' },
  },
  {
    rule: 'clock-behind',
    healthy: { nodeSeconds: both('1764360000'), hostSeconds: [at('host', '1764360031')] },
    broken: {
      nodeSeconds: [at('controller', '1764363600'), at('compute1', '1764363000')],
      hostSeconds: [at('host', '1764363600')],
    },
    about: 'compute1',
    evidence: ['600 s behind this machine'],
    fix: { work: expect.any(Function) },
  },
  {
    rule: 'clock-adrift',
    healthy: { clock: follows('*') },
    broken: { clock: follows('?') },
    about: 'compute1',
    evidence: ['follows none of: 10.0.0.11 (?)'],
    fix: { node: 'compute1' },
  },
  {
    rule: 'clock-adrift',
    healthy: { clock: follows('*') },
    broken: { clock: follows('*', 'inactive') },
    about: 'compute1',
    evidence: ['is-active chrony: not active'],
    fix: { node: 'compute1' },
  },
  {
    rule: 'memory-full',
    healthy: { memory: memory(2500) },
    broken: { memory: memory(3050) },
    about: 'compute1',
    evidence: ['3050 of 3072 MiB in use', 'qemu-system-x86 900 MiB', 'Out of memory: Killed process 42'],
  },
  {
    rule: 'disk-full',
    // Two percent of a large disk are plenty.
    healthy: { disks: [...disk('41%'), at('controller', '/ 99% 20971520 3%')] },
    broken: { disks: [...disk('41%').slice(0, 1), at('compute1', '/ 100% 20480 3%')] },
    about: 'compute1:/',
    evidence: ['100 % of its space', '20 MiB free'],
  },
  {
    rule: 'packages-locked',
    healthy: { packages: both('') },
    broken: {
      packages: [at('controller', ''), at('compute1', 'locked /var/lib/dpkg/lock-frontend 77 apt-get upgrade ')],
    },
    about: 'compute1',
    evidence: ['lock-frontend is held by process 77: apt-get upgrade'],
  },
  {
    rule: 'packages-locked',
    healthy: { packages: both('') },
    broken: { packages: [at('controller', 'half  nova-api  OpenStack Compute - compute API frontend')] },
    about: 'controller',
    evidence: ['dpkg --audit: nova-api'],
  },
  {
    rule: 'bridge-unfiltered',
    healthy: { filters: both('net.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1') },
    broken: {
      filters: both('net.bridge.bridge-nf-call-iptables = 0\nnet.bridge.bridge-nf-call-ip6tables = 1').slice(1),
    },
    about: 'compute1',
    evidence: ['bridge-nf-call-iptables = 0'],
    fix: { service: 'base' },
  },
]
