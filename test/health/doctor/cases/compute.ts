import { expect } from 'vitest'
import { at, type Case } from '../case.ts'

const mappings = (text: string) => ({ mappings: [at('controller', text)] })
const service = (changes = {}) => ({
  services: [
    {
      binary: 'nova-compute',
      host: 'compute1',
      state: 'up',
      status: 'enabled',
      disabled_reason: null,
      forced_down: false,
      updated_at: '2026-11-24T06:00:00',
      ...changes,
    },
  ],
})
const allocations = (consumer: string) => ({
  allocations: {
    consumers: [{ provider: 'compute1', consumer, resources: { VCPU: 1, MEMORY_MB: 256 } }],
    known: new Set(['server-1']),
  },
})
const server = (status: string, fault?: object) => ({
  servers: [
    {
      id: 'server-1',
      name: 'server1',
      status,
      addresses: {},
      updated: '2026-11-24T06:00:00Z',
      ...(fault ? { fault } : {}),
    },
  ],
})

export const compute: readonly Case[] = [
  {
    rule: 'host-unmapped',
    healthy: mappings('registered compute1\nmapped compute1'),
    broken: mappings('registered compute1'),
    about: 'compute1',
    evidence: ['not in nova_api.host_mappings'],
    fix: { service: 'nova' },
  },
  {
    rule: 'compute-disabled',
    healthy: service(),
    broken: service({ status: 'disabled', disabled_reason: 'maintenance' }),
    about: 'compute1',
    evidence: ['disabled (maintenance)'],
  },
  {
    rule: 'compute-disabled',
    healthy: service(),
    broken: service({ forced_down: true, state: 'down' }),
    about: 'compute1',
    evidence: ['forced down'],
  },
  {
    rule: 'compute-down',
    healthy: service(),
    broken: service({ state: 'down' }),
    about: 'compute1',
    evidence: ['down, last report at 2026-11-24T06:00:00'],
    fix: { node: 'compute1', script: 'systemctl restart nova-compute' },
  },
  {
    rule: 'no-room',
    healthy: { room: { candidates: 1, providers: [] } },
    broken: {
      room: { candidates: 0, providers: ['Placement: compute1: MEMORY_MB 256 used of 0 (2048 less 2048 reserved)'] },
    },
    about: 'tiny',
    evidence: ['no candidate for 1 VCPU, 192 MEMORY_MB, 1 DISK_GB', '2048 reserved'],
  },
  {
    rule: 'orphan-allocation',
    healthy: allocations('server-1'),
    broken: allocations('server-9'),
    about: 'server-9',
    evidence: ['holds 1 VCPU, 256 MEMORY_MB of compute1'],
    fix: { cloud: expect.any(Function) },
  },
  {
    rule: 'virt-type',
    healthy: { virtType: [at('compute1', 'type /etc/nova/nova-compute.conf qemu\nkvm usable')] },
    broken: {
      virtType: [
        at(
          'compute1',
          "type /etc/nova/nova-compute.conf kvm\nkvm ls: cannot access '/dev/kvm': No such file or directory",
        ),
      ],
    },
    about: 'compute1',
    evidence: ['virt_type = kvm', 'No such file'],
    fix: { service: 'nova' },
  },
  {
    rule: 'instance-files',
    healthy: { files: [at('compute1', '')] },
    broken: { files: [at('compute1', 'unwritable /var/lib/nova/instances root:root 755')] },
    about: 'compute1',
    evidence: ['/var/lib/nova/instances root:root 755'],
    fix: { node: 'compute1' },
  },
  {
    rule: 'instance-error',
    healthy: server('ACTIVE'),
    broken: server('ERROR', { message: 'No valid host was found.' }),
    about: 'server1',
    evidence: ['No valid host was found.'],
  },
]
