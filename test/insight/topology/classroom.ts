/** The topology of a class: the recorded lab with many instances, and a VLAN network beside the flat one. */

import type { Instance, Interface, Topology } from '../../../scripts/insight/topology/model.ts'
import { compute, topology } from './recording.ts'

const instance = compute.instances[0]!
const tap = compute.interfaces.find(({ name }) => name === instance.interfaces[0]?.tap)!
const port = topology.ports.find(({ device }) => device === instance.id)!

/** The name of each student's instance: long, like names that say who created what. */
export const longNames = (count: number) =>
  Array.from(
    { length: count },
    (_, index) => `student-${String(index + 1).padStart(2, '0')}-webserver-of-the-second-exercise`,
  )

export function classroom(names: readonly string[]): Topology {
  const ids = names.map((_, index) => (0xabc00000 + index).toString(16))
  const ports = ids.map((id, index) => ({
    ...port,
    id: `${id}-7f00-4000-8000-000000000000`,
    device: id,
    addresses: [`203.0.113.${100 + index}`],
  }))
  const taps = ids.map((id, index): Interface => ({ ...tap, name: `tap${id}-7f`, index: 100 + index }))
  const instances = names.map(
    (name, index): Instance => ({
      ...instance,
      name,
      id: ids[index]!,
      domain: `instance-${ids[index]}`,
      interfaces: [{ ...instance.interfaces[0]!, tap: taps[index]!.name }],
      state: index === 3 ? 'shut off' : 'running',
    }),
  )
  const uplink: Interface = {
    ...compute.interfaces.find(({ name }) => name === 'eth1')!,
    name: 'eth1.101',
    kind: 'vlan',
  }
  const tagged = { ...uplink, vlan: { below: 'eth1', id: 101 }, master: 'brqvlan', index: 90 }
  const bridge: Interface = { ...compute.interfaces.find(({ kind }) => kind === 'bridge')!, name: 'brqvlan', index: 91 }
  const node = {
    ...compute,
    interfaces: [...compute.interfaces.filter((one) => one !== tap), tagged, bridge, ...taps],
    instances,
  }
  const network = { id: 'f'.repeat(36), name: 'provider-vlan', type: 'vlan', segment: 101, bridge: 'brqvlan' }
  return {
    ...topology,
    networks: [...topology.networks, network],
    machines: topology.machines.map((machine) => (machine === compute ? node : machine)),
    ports: [...topology.ports, ...ports],
  }
}
