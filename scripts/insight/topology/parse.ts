/** Parses what a node's tools print about its interfaces, processes, domains and filters. */

import { elementsAt, readXml, textAt } from '../../libvirt/xml.ts'
import type { Dnsmasq, Instance, Interface, Machine, PortChain } from './model.ts'

interface IpLink {
  ifindex: number
  ifname: string
  flags: string[]
  mtu: number
  operstate: string
  address?: string
  master?: string
  link?: string
  link_index?: number
  linkinfo?: { info_kind?: string; info_data?: { id?: number; protocol?: string; link?: string } }
  addr_info?: { family: string; local: string; prefixlen: number; scope?: string }[]
}

/** `ip -j -d addr` of one namespace. */
export function parseInterfaces(json: string, namespace?: string): Interface[] {
  const links = json.trim() ? (JSON.parse(json) as IpLink[]) : []
  return links
    .filter(({ ifname }) => ifname && ifname !== 'lo')
    .map((link) => {
      const kind = link.linkinfo?.info_kind ?? 'physical'
      const id = link.linkinfo?.info_data?.id
      return {
        name: link.ifname,
        kind,
        // A tap has no carrier: its state is unknown, so it counts as up if it is set up.
        up: link.flags.includes('UP') && link.operstate !== 'DOWN',
        mtu: link.mtu,
        mac: link.address ?? '',
        addresses: (link.addr_info ?? [])
          .filter(({ family, scope }) => family === 'inet' || (family === 'inet6' && scope === 'global'))
          .map((one) => `${one.local}/${one.prefixlen}`),
        index: link.ifindex,
        ...(link.master ? { master: link.master } : {}),
        ...(namespace ? { namespace } : {}),
        ...(kind === 'vlan' && link.link && id !== undefined ? { vlan: { below: link.link, id } } : {}),
        ...(kind === 'vxlan' && id !== undefined
          ? { vxlan: { below: link.linkinfo?.info_data?.link ?? '', id, peers: [] } }
          : {}),
        ...(kind === 'veth' && link.link_index !== undefined ? { peerIndex: link.link_index } : {}),
      }
    })
}

/** `pgrep -a dnsmasq`, as Neutron's DHCP agent starts it. */
function parseDnsmasq(output: string): Dnsmasq[] {
  return output.split('\n').flatMap((line) => {
    const pid = /^(\d+) /.exec(line)?.[1]
    const network = /\/dhcp\/([0-9a-f-]{36})\/pid/.exec(line)?.[1]
    return pid && network ? [{ pid: Number(pid), network }] : []
  })
}

/** `STATE` of a domain, then its XML; Nova writes the instance's own name into the metadata. */
function parseInstance(state: string, xml: string): Instance {
  const { domain } = readXml(xml) as { domain: unknown }
  const interfaces = elementsAt(domain, 'devices', 'interface').filter((one) => textAt(one, '@type') === 'bridge')
  return {
    domain: textAt(domain, 'name'),
    id: textAt(domain, 'uuid'),
    name: textAt(domain, 'metadata', 'nova:instance', 'nova:name'),
    state,
    interfaces: interfaces.map((one) => ({
      tap: textAt(one, 'target', '@dev'),
      bridge: textAt(one, 'source', '@bridge'),
      mac: textAt(one, 'mac', '@address'),
    })),
  }
}

const directions = { i: 'to the instance', o: 'from the instance', s: 'who may send' } as const

/** `iptables-save`: Neutron's Linuxbridge agent names three chains after each port that it filters. */
function parseChains(output: string): PortChain[] {
  const names = [...output.matchAll(/^:(neutron-linuxbri-([ios])([0-9a-f]{8}-[0-9a-f])) /gm)]
  return names.map(([, chain = '', direction = 'i', port = '']) => ({
    chain,
    port,
    what: directions[direction as keyof typeof directions],
    rules: output
      .split('\n')
      .filter((line) => line.startsWith(`-A ${chain} `))
      .map((line) => line.slice(`-A ${chain} `.length)),
  }))
}

/** `bridge fdb`: the nodes to which each VXLAN interface sends what is meant for everyone. */
function withPeers(interfaces: readonly Interface[], fdb: string): Interface[] {
  const peersOf = (name: string) =>
    [...fdb.matchAll(/^00:00:00:00:00:00 dev (\S+) dst (\S+)/gm)].flatMap(([, device, peer = '']) =>
      device === name ? peer : [],
    )
  return interfaces.map((one) => (one.vxlan ? { ...one, vxlan: { ...one.vxlan, peers: peersOf(one.name) } } : one))
}

/** The script's output: blocks that begin with `@@ KIND [WORD]`. */
export function parseMachine(name: string, roles: readonly string[], output: string): Machine {
  const blocks = output
    .split(/^@@ /m)
    .slice(1)
    .map((block) => {
      const [head = '', ...rest] = block.split('\n')
      const [kind = '', word = ''] = head.split(' ')
      return { kind, word, text: rest.join('\n') }
    })
  const of = (kind: string) => blocks.filter((block) => block.kind === kind)
  const fdb = of('fdb').map(({ text }) => text)
  const nat = of('nat').map(({ word, text }) => ({
    namespace: word,
    rules: text.split('\n').filter((line) => line.startsWith('-A ')),
  }))
  return {
    name,
    roles,
    interfaces: [
      ...withPeers(
        of('interfaces').flatMap(({ text }) => parseInterfaces(text)),
        fdb.join('\n'),
      ),
      ...of('namespace').flatMap(({ word, text }) => parseInterfaces(text, word)),
    ],
    namespaces: of('namespace').map(({ word }) => word),
    dnsmasq: of('dnsmasq').flatMap(({ text }) => parseDnsmasq(text)),
    instances: of('domain').map(({ word, text }) => parseInstance(word, text)),
    chains: of('iptables').flatMap(({ text }) => parseChains(text)),
    ...(nat.length ? { nat } : {}),
  }
}
