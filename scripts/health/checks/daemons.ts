/** The daemons of Nova and Cinder, as each reports itself to its service, and the hypervisors that Nova lists. */

import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { controllerOf, type Lab, nodesWith } from '../../declaration/lab.ts'
import type { Observation } from '../../run/check.ts'
import type { LabCheck } from '../check.ts'

export interface ServiceState {
  binary: string
  host: string
  state: string
  status: string
}

/** Cinder's hosts read `host@backend`. */
export const findDaemon = <T extends Pick<ServiceState, 'binary' | 'host'>>(
  binary: string,
  node: string,
  services: readonly T[],
) => services.find((one) => one.binary === binary && one.host.split('@')[0] === node)

export const lookAtDaemon = (node: string, binary: string) =>
  lookAtUnit(node, binary, `/var/log/${binary.split('-')[0]}/${binary}.log`)

/** One daemon that reports to its service over the message queue. */
export function judgeService(binary: string, node: string, services: readonly ServiceState[]): Observation {
  const found = findDaemon(binary, node, services)
  return {
    id: `daemon/${binary}/${node}`,
    what: `${binary} up on ${node}`,
    ok: found?.state === 'up' && found.status === 'enabled',
    seen: found ? `${found.state}, ${found.status}` : 'not registered',
    data: { kind: binary, count: 1 },
    next: lookAtDaemon(node, binary),
  }
}

export interface Hypervisor {
  hypervisor_hostname: string
  hypervisor_type: string
  state: string
  status: string
}

export function judgeHypervisor(lab: Lab, node: string, hypervisors: readonly Hypervisor[]): Observation {
  const found = hypervisors.find(({ hypervisor_hostname: name }) => name === node || name.startsWith(`${node}.`))
  return {
    id: `hypervisor/${node}`,
    what: `hypervisor ${node} listed`,
    ok: found?.state === 'up',
    seen: found ? `${found.hypervisor_type}, ${found.state}, ${found.status}` : 'not listed',
    data: { kind: 'hypervisor', count: 1 },
    next: discoverHosts(lab),
  }
}

export const discoverHosts = (lab: Lab) =>
  `./lab ssh ${controllerOf(lab).name} nova-manage cell_v2 discover_hosts --verbose`

export const computeCheck: LabCheck = {
  id: 'compute',
  what: () => 'compute services up',
  timeoutSeconds: 90,
  async observe({ lab, cloud: signIn }) {
    const controller = controllerOf(lab).name
    const computes = nodesWith(lab, 'compute').map(({ name }) => name)
    const cloud = await signIn()
    const [{ services }, { hypervisors }] = await Promise.all([
      cloud.get<{ services: ServiceState[] }>('compute', '/os-services'),
      cloud.get<{ hypervisors: Hypervisor[] }>('compute', '/os-hypervisors/detail'),
    ])
    return [
      ...['nova-scheduler', 'nova-conductor'].map((binary) => judgeService(binary, controller, services)),
      ...computes.map((node) => judgeService('nova-compute', node, services)),
      ...computes.map((node) => judgeHypervisor(lab, node, hypervisors)),
    ]
  },
}

export const volumeServicesCheck: LabCheck = {
  id: 'volumes',
  what: () => 'volume services up',
  timeoutSeconds: 90,
  when: (lab) => lab.services.cinder,
  async observe({ lab, cloud }) {
    const controller = controllerOf(lab).name
    const storage = nodesWith(lab, 'storage').map(({ name }) => name)
    const { services } = await (await cloud()).get<{ services: ServiceState[] }>('volumev3', '/os-services')
    return [
      judgeService('cinder-scheduler', controller, services),
      ...storage.map((node) => judgeService('cinder-volume', node, services)),
      ...(lab.volumeBackup ? [judgeService('cinder-backup', controller, services)] : []),
    ]
  },
}
