/** Reads what a node's own tools print of its interfaces, processes, domains and filters. */

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
  linkinfo?: { info_kind?: string; info_data?: { id?: number; protocol?: string } }
  addr_info?: { family: string; local: string; prefixlen: number }[]
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
        // A tap has no carrier of its own: its state is unknown, and it is up where it is set up.
        up: link.flags.includes('UP') && link.operstate !== 'DOWN',
        mtu: link.mtu,
        mac: link.address ?? '',
        addresses: (link.addr_info ?? [])
          .filter(({ family }) => family === 'inet')
          .map((one) => `${one.local}/${one.prefixlen}`),
        index: link.ifindex,
        ...(link.master ? { master: link.master } : {}),
        ...(namespace ? { namespace } : {}),
        ...(kind === 'vlan' && link.link && id !== undefined ? { vlan: { below: link.link, id } } : {}),
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

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Text of XML as it was meant; whoever shows it escapes it in his own way. */
const unescapeXml = (text: string) =>
  text.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name = '') => {
    const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : undefined
    return code === undefined ? (entities[name] ?? whole) : String.fromCodePoint(Math.min(code, 0x10ffff))
  })

const attribute = (xml: string, pattern: RegExp) => unescapeXml(pattern.exec(xml)?.[1] ?? '')

/** `STATE` of a domain, then its XML; Nova writes the instance's own name into the metadata. */
function parseInstance(state: string, xml: string): Instance {
  const interfaces = [...xml.matchAll(/<interface type='bridge'>[\s\S]*?<\/interface>/g)].map(([one]) => ({
    tap: attribute(one, /<target dev='([^']+)'/),
    bridge: attribute(one, /<source bridge='([^']+)'/),
    mac: attribute(one, /<mac address='([^']+)'/),
  }))
  return {
    domain: attribute(xml, /<name>([^<]+)<\/name>/),
    id: attribute(xml, /<uuid>([^<]+)<\/uuid>/),
    name: attribute(xml, /<nova:name>([^<]+)<\/nova:name>/),
    state,
    interfaces,
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
  return {
    name,
    roles,
    interfaces: [
      ...of('interfaces').flatMap(({ text }) => parseInterfaces(text)),
      ...of('namespace').flatMap(({ word, text }) => parseInterfaces(text, word)),
    ],
    namespaces: of('namespace').map(({ word }) => word),
    dnsmasq: of('dnsmasq').flatMap(({ text }) => parseDnsmasq(text)),
    instances: of('domain').map(({ word, text }) => parseInstance(word, text)),
    chains: of('iptables').flatMap(({ text }) => parseChains(text)),
  }
}
