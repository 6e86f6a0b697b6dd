/** The network interfaces of the nodes and of this machine, as `ip` gives them. */

import type { Lab } from '../../../declaration/lab.ts'
import type { Answer, ShellRead } from '../rule.ts'

export interface Link {
  at: string
  name: string
  up: boolean
  mtu: number
  /** The bridge that it is in; empty if it is in none. */
  bridge: string
  /** `bridge`, `veth`, `tun`, `vlan`; empty for hardware. */
  kind: string
  /** IPv4 addresses with their prefix: `10.0.0.11/24`. */
  addresses: string[]
}

interface IpLink {
  ifname: string
  mtu: number
  master?: string
  flags: string[]
  linkinfo?: { info_kind?: string }
  addr_info?: { family: string; local: string; prefixlen: number }[]
}

const script = () => 'ip -j -d address show'

export const nodeLinks: ShellRead = { on: 'all', script }
export const hostLinks: ShellRead = { on: 'host', script }

export function parseLinks(answers: readonly Answer[]): Link[] {
  return answers.flatMap(({ at, text }) =>
    parse(text).map(({ ifname, mtu, master = '', flags, linkinfo, addr_info = [] }) => ({
      at,
      // `eth0@if7` is the name of a veth in some versions.
      name: ifname.split('@')[0]!,
      up: flags.includes('UP'),
      mtu,
      bridge: master,
      kind: linkinfo?.info_kind ?? '',
      addresses: addr_info
        .filter(({ family }) => family === 'inet')
        .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    })),
  )
}

function parse(text: string): IpLink[] {
  try {
    return (JSON.parse(text) as IpLink[]).filter(({ ifname }) => ifname)
  } catch {
    return []
  }
}

/** `at name: state`, as evidence. */
export function describeLink({ at, name, up, mtu, bridge, addresses }: Link): string {
  return `${at}: ${name} ${up ? 'UP' : 'DOWN'} mtu ${mtu} ${bridge ? `in ${bridge}` : 'in no bridge'}${addresses.length ? ` ${addresses.join(' ')}` : ''}`
}

/** The lab's own bridges on this machine. */
export const labBridges = (lab: Lab) => [lab.networks.management, lab.networks.provider]
