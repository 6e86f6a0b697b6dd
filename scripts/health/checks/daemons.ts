/** The daemons that report to Nova, Cinder and others, as these tell of them, and the hypervisors that Nova lists. */

import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { controllerOf, type Lab, nodesWith } from '../../declaration/lab.ts'
import { profileOf, type ServiceName, serviceNames } from '../../declaration/service-profiles.ts'
import type { Observation } from '../../run/check.ts'
import { timeouts } from '../../run/timeouts.ts'
import { expectedDaemons } from '../../services/units-of.ts'
import type { LabCheck, Watch } from '../check.ts'

export interface ServiceState {
  binary: string
  host: string
  /** Nova's and Cinder's; of a service without it, `status` says so. */
  state?: string
  status: string
}

/** Cinder's hosts read `host@backend`. */
export const findDaemon = <T extends Pick<ServiceState, 'binary' | 'host'>>(
  binary: string,
  node: string,
  services: readonly T[],
) => services.find((one) => one.binary === binary && one.host.split('@')[0] === node)

export function lookAtDaemon(node: string, unit: string): string {
  const service = serviceNames.find((name) => Object.values(profileOf(name).daemons?.units ?? {}).includes(unit))
  return lookAtUnit(node, unit, service && `/var/log/${service}/${unit}.log`)
}

/** One daemon that reports to its service over the message queue. */
export function judgeService(binary: string, node: string, services: readonly ServiceState[]): Observation {
  const isUp = ({ state, status }: ServiceState) => (state ? state === 'up' && status === 'enabled' : status === 'up')
  // A daemon that counts each of its starts leaves dead ones behind.
  const found = findDaemon(binary, node, services.filter(isUp)) ?? findDaemon(binary, node, services)
  return {
    id: `daemon/${binary}/${node}`,
    what: `${binary} up on ${node}`,
    ok: found !== undefined && isUp(found),
    seen: found ? [found.state, found.status].filter(Boolean).join(', ') : 'not registered',
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

async function observeDaemons({ lab, cloud }: Watch, service: ServiceName): Promise<Observation[]> {
  const { type, path } = profileOf(service).daemons!
  const { services } = await (await cloud()).get<{ services: ServiceState[] }>(type, path)
  return expectedDaemons(lab, service).map(({ name, node, unit }) => ({
    ...judgeService(name, node, services),
    next: lookAtDaemon(node, unit),
  }))
}

function checkDaemons(service: ServiceName): LabCheck {
  const { id, what } = profileOf(service).daemons!
  return {
    id,
    what: () => `${what} up`,
    timeoutSeconds: timeouts.verify.agents.seconds,
    when: (lab) => lab.services[service],
    observe: (watch) => observeDaemons(watch, service),
  }
}

export const computeCheck: LabCheck = {
  ...checkDaemons('nova'),
  async observe(watch) {
    const { lab, cloud } = watch
    // First: were it awaited inside the list, nobody would wait for the other promise of the list when it fails.
    const client = await cloud()
    const [daemons, { hypervisors }] = await Promise.all([
      observeDaemons(watch, 'nova'),
      client.get<{ hypervisors: Hypervisor[] }>('compute', '/os-hypervisors/detail'),
    ])
    return [...daemons, ...nodesWith(lab, 'compute').map(({ name }) => judgeHypervisor(lab, name, hypervisors))]
  },
}

/** Nova's hypervisors are looked at too, and Neutron's agents are listed in a form of their own (agents.ts). */
const withOwnCheck: readonly ServiceName[] = ['nova', 'neutron']

/** Of all other services to which daemons report. */
export const otherDaemonChecks: readonly LabCheck[] = serviceNames
  .filter((service) => profileOf(service).daemons && !withOwnCheck.includes(service))
  .map(checkDaemons)
