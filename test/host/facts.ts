/** A machine and a declaration as data: suitable for the default lab, until a test changes something. */

import { fileURLToPath } from 'node:url'
import type { Declaration } from '../../scripts/declaration/declaration.ts'
import { loadDeclaration } from '../../scripts/declaration/load.ts'
import type { HostFacts } from '../../scripts/host/facts.ts'
import type { Wanted } from '../../scripts/host/host-check.ts'
import { hostPackages } from '../../scripts/host/packages.ts'

export const fitMachine: HostFacts = {
  system: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)', architecture: 'x64' },
  nodeVersion: '20.19.0',
  root: true,
  memory: { totalMiB: 32_000, availableMiB: 30_000 },
  disks: [
    { use: 'data', path: '/var/lib/duostack', device: 1, freeMiB: 200_000 },
    { use: 'image', path: '/var/cache/duostack', device: 1, freeMiB: 200_000 },
    { use: 'cache', path: '/home/user/.cache/duostack', device: 2, freeMiB: 200_000 },
  ],
  ports: [22],
  routes: [{ range: '192.168.1.0/24', device: 'eth0' }],
  processor: '8 × Some Processor',
  cpuVirtualization: true,
  systemd: true,
  libvirt: { answers: true, connects: true, domains: [], networks: [], pools: [], owners: {}, orphans: [] },
  packages: new Set(hostPackages.map(({ name }) => name)),
  terraform: {
    program: { name: 'terraform', path: '/usr/bin/terraform' },
    tooOld: [],
    registry: true,
    mirror: false,
    go: '1.24.0',
  },
  bridgeFilter: { kernel: '6.1.0-40-amd64', available: true, modules: true },
  appArmor: { enabled: true, parser: true },
  names: { own: 'workstation', ownResolves: true, localhost: true },
  clock: { now: new Date('2026-06-01T12:00:00Z'), newestFile: new Date('2026-05-01T12:00:00Z') },
  sources: [{ name: 'debian bookworm', url: 'http://deb.example/debian/', aheadSeconds: 0 }],
}

/** A valid declaration, with round sizes. */
export const declaration: Declaration = {
  ...loadDeclaration(fileURLToPath(new URL('../declaration', import.meta.url))),
  name: 'duostack',
  nodes: [
    {
      name: 'controller',
      roles: ['controller'],
      address: '10.0.0.11',
      vcpus: 2,
      memoryMiB: 6000,
      diskGiB: 20,
      volumeDiskGiB: 10,
    },
    {
      name: 'compute1',
      roles: ['compute'],
      address: '10.0.0.31',
      vcpus: 2,
      memoryMiB: 4000,
      diskGiB: 20,
      volumeDiskGiB: 0,
    },
  ],
}

export const wanted: Wanted = {
  root: '/home/user/duostack',
  declaration,
  isolation: 'none',
  living: false,
  image: false,
}
