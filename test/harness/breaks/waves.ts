/** Which faults are made at the same time: none of them follows from another, so the doctor must find each one. */

import { nodeBreaks } from '../../../scripts/exercises/breaks.ts'
import type { NodeChange } from '../../../scripts/exercises/exercise.ts'
import type { RuleName } from '../../../scripts/health/doctor/rules/index.ts'

export interface Break {
  /** The rule that must find it. */
  rule: RuleName
  /** The script's name; the rule's own if absent. */
  script?: string
  /** What the finding must be about; bridge names contain the lab's id, written ID here. */
  about: string
  /** If true, `./lab doctor --fix` repairs it; otherwise the script undoes it. */
  by: 'fix' | 'undo'
}

const fix = (rule: RuleName, about: string): Break => ({ rule, about, by: 'fix' })
const undo = (rule: RuleName, about: string): Break => ({ rule, about, by: 'undo' })

/** A wave's own script, or the one that is named after its rule. */
export const scriptOf = ({ rule, script }: Break) => script ?? rule

/** A fault that an exercise makes too has its scripts there, and no file here. */
export const sharedBreak = (name: string): NodeChange | undefined =>
  Object.hasOwn(nodeBreaks, name) ? nodeBreaks[name as keyof typeof nodeBreaks] : undefined

export const waves: readonly (readonly Break[])[] = [
  [
    undo('foreign-dhcp', 'ID-prov'),
    fix('bridge-filtered', 'ID-prov'),
    undo('packages-locked', 'compute1'),
    fix('unit-not-enabled', 'controller/glance-api'),
    fix('endpoint-missing', 'glance'),
    undo('volume-stuck', 'test-volume'),
    fix('ebtables-broken', 'compute1'),
    undo('run-cut-off', 'host'),
    undo('dashboard-sessions', 'controller'),
    undo('instance-impaired', 'test'),
  ],
  [
    undo('route-elsewhere', 'provider'),
    fix('endpoint-double', 'placement'),
    fix('service-role', 'cinder'),
    undo('disk-full', 'controller:/var/lib/glance/images'),
    fix('bridge-unfiltered', 'compute1'),
    fix('frames-unfiltered', 'compute1'),
    undo('agent-disabled', 'controller/Metadata agent'),
  ],
  [
    fix('host-address', 'ID-prov'),
    fix('endpoint-wrong', 'cinder'),
    fix('uwsgi-threads', 'neutron'),
    undo('compute-disabled', 'compute1'),
    fix('virt-type', 'compute1'),
    fix('orphan-allocation', '11111111-2222-4333-8444-555555555555'),
  ],
  [
    fix('unit-down', 'controller/nova-scheduler'),
    fix('mtu-differs', 'compute1/eth1'),
    undo('api-silent', 'controller/glance-api'),
    fix('instance-files', 'compute1'),
    fix('metadata-refused', 'controller'),
    fix('console-proxy', 'controller'),
  ],
  [
    fix('uplink-unbridged', 'compute1'),
    fix('broker-refuses', 'controller'),
    fix('unit-frozen', 'controller/placement-api'),
    fix('host-unmapped', 'compute1'),
    fix('host-name', 'compute1'),
    fix('apache-config', 'controller'),
  ],
  [
    fix('tap-unbridged', 'test'),
    fix('cache-down', 'controller'),
    undo('no-room', 'm1.nano'),
    fix('name-on-loopback', 'compute1'),
    fix('volume-share', 'controller'),
    fix('clock-adrift', 'compute1'),
  ],
  [
    fix('provider-down', 'compute1'),
    fix('database-refuses', 'placement/placement_database'),
    undo('agent-dead', 'compute1/Linux bridge agent'),
    fix('isolated-metadata', 'controller'),
    undo('volume-driver', 'controller'),
    undo('instance-error', 'test'),
  ],
  [
    fix('nic-mapping', 'compute1'),
    fix('credentials-refused', 'glance'),
    fix('dhcp-missing', 'provider'),
    undo('compute-down', 'compute1'),
    fix('metadata-proxy', 'controller'),
  ],
  [
    fix('nic-is-bridge', 'compute1'),
    undo('memory-full', 'compute1'),
    undo('broker-unreachable', 'compute1'),
    fix('libvirt-silent', 'host'),
  ],
  [undo('security-group', 'test'), fix('linuxbridge-flag', 'compute1')],
  // After these most of the cloud does not answer, so little else could be seen.
  [fix('admin-refused', 'controller'), fix('node-not-running', 'compute1')],
  [undo('keystone-keys', 'controller'), undo('node-silent', 'compute1')],
  [fix('database-down', 'controller')],
  [fix('database-full', 'controller')],
  [fix('broker-down', 'controller')],
  [fix('broker-broken', 'controller'), undo('instance-paused', 'test')],
  [undo('broker-blocked', 'controller'), undo('instance-silent', 'test')],
  // The first would explain most of the others; with the second, none of them could be repaired.
  [undo('host-disk', 'host:/var/lib/duostack/ID'), undo('inotify-used-up', 'host')],
]

/** Only a machine whose kernel has them as modules can lack them. */
export const wavesOfHosts: readonly (readonly Break[])[] = [[fix('bridge-module', 'host')]]

/** Only virtual machines have what these break. */
export const wavesOfMachines: readonly (readonly Break[])[] = [
  [undo('volume-group', 'controller'), fix('clock-behind', 'compute1')],
]

/** Only a self-service lab has what these break. */
export const wavesOfSelfService: readonly (readonly Break[])[] = [
  [
    { ...fix('unit-down', 'controller/neutron-l3-agent'), script: 'l3-agent-down' },
    fix('vxlan-peer', 'compute1/selfservice'),
  ],
  [fix('router-unhosted', 'router'), fix('project-mtu', 'compute1/selfservice')],
  [fix('router-missing', 'router')],
  [fix('nat-missing', 'router')],
]
