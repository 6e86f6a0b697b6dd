/** The topology as the live page draws it: each machine by itself, so that the page can fold it or put it elsewhere. */

import { outerLines } from '../topology/items.ts'
import { type Drawing, drawMachine } from '../topology/layout.ts'
import type { Machine, Topology } from '../topology/model.ts'

export interface PictureInstance {
  /** Nova's. */
  id: string
  name: string
  state: string
  address: string
  /** Its box, and that of its tap. */
  box: string
  tap: string
}

export interface PictureMachine extends Drawing {
  name: string
  instances: PictureInstance[]
  /** The interfaces that lead to other machines; their traffic is the machine's. */
  uplinks: string[]
}

export interface Picture {
  machines: PictureMachine[]
  /** Between machines, by the ids of their boxes. */
  cables: { from: string; to: string }[]
  /** What filters or translates at a box: the rules of iptables. */
  rules: Readonly<Record<string, string[]>>
}

function instancesOf({ name: machine, instances }: Machine, { ports }: Topology): PictureInstance[] {
  return instances.map(({ id, name, domain, state, interfaces }) => ({
    id,
    name: name || domain,
    state,
    address: ports.find(({ device }) => device === id)?.addresses[0] ?? '',
    box: `${machine}/${domain}`,
    tap: `${machine}/${interfaces[0]?.tap ?? ''}`,
  }))
}

function rulesOf({ name, chains, nat = [], interfaces }: Machine, { ports }: Topology): [string, string[]][] {
  const filters = interfaces.flatMap((one): [string, string[]][] => {
    const port = ports.find(({ id }) => one.name === `tap${id.slice(0, 11)}`)
    const own = chains.filter((chain) => port?.id.startsWith(chain.port))
    return own.length ? [[`${name}/${one.name}`, own.flatMap(({ what, rules }) => [`# ${what}`, ...rules])]] : []
  })
  return [...filters, ...nat.map(({ namespace, rules }): [string, string[]] => [`${name}/${namespace}`, [...rules]])]
}

export function pictureOf(topology: Topology): Picture {
  const cables = outerLines(topology).map(({ from, to }) => ({ from, to }))
  return {
    machines: topology.machines.map((machine) => ({
      name: machine.name,
      ...drawMachine(machine, topology, { rows: 1 }),
      instances: instancesOf(machine, topology),
      uplinks: topology.cables.flatMap(({ from, to }) =>
        from.machine === to.machine || to.machine !== machine.name ? [] : to.interface,
      ),
    })),
    cables,
    rules: Object.fromEntries(topology.machines.flatMap((machine) => rulesOf(machine, topology))),
  }
}
