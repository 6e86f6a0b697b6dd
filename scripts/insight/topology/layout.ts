/** The position of each thing in the topology's picture: the host at the top, the nodes side by side below it. */

import type { Interface, Machine, Topology } from './model.ts'

export interface Box {
  /** `machine/interface`, `machine/namespace/interface` or `machine/domain`. */
  id: string
  x: number
  y: number
  width: number
  height: number
  kind: 'interface' | 'bridge' | 'tap' | 'endpoint'
  lines: string[]
  up: boolean
  /** All that is known, for who points at it. */
  title: string
}

export interface Frame {
  x: number
  y: number
  width: number
  height: number
  title: string
}

export interface Layout {
  width: number
  height: number
  frames: Frame[]
  boxes: Box[]
  lines: { from: string; to: string; kind: 'cable' | 'port' | 'tag' }[]
}

const size = { width: 178, height: 58, gapX: 16, gapY: 44, pad: 18, head: 30 }

const idOf = (machine: string, name: string, namespace?: string) => [machine, namespace, name].filter(Boolean).join('/')

const titleOf = (one: Interface) =>
  `${one.name}: ${one.kind}, ${one.up ? 'up' : 'down'}, MTU ${one.mtu}, ${one.mac}${one.addresses.length ? `, ${one.addresses.join(', ')}` : ''}`

const words = (one: Interface, more?: string) => [
  one.name,
  [one.vlan ? `tag ${one.vlan.id}` : one.kind, `MTU ${one.mtu}`].join(', '),
  more ?? one.addresses[0] ?? '',
]

type Item = Omit<Box, 'x' | 'y' | 'width' | 'height'>

const item = (machine: Machine, one: Interface, kind: Box['kind'], more?: string): Item => ({
  id: idOf(machine.name, one.name, one.namespace),
  kind,
  lines: words(one, more),
  up: one.up,
  title: titleOf(one),
})

/** What hangs on a node's bridges at the end: namespaces with their dnsmasq, instances with their filter. */
function endpoints(machine: Machine, topology: Topology): Item[] {
  const inside = machine.interfaces.filter(({ namespace }) => namespace)
  const spaces = inside.map((one): Item => {
    const dnsmasq = machine.dnsmasq.find(({ network }) => one.namespace?.endsWith(network))
    const network = topology.networks.find(({ id }) => one.namespace?.endsWith(id))
    return {
      id: idOf(machine.name, one.name, one.namespace),
      kind: 'endpoint',
      lines: [
        `${one.namespace?.slice(0, 20)}…`,
        one.addresses[0] ?? one.name,
        dnsmasq ? `dnsmasq, pid ${dnsmasq.pid}` : 'no dnsmasq',
      ],
      up: one.up && dnsmasq !== undefined,
      title: `namespace ${one.namespace}, DHCP of network ${network?.name ?? '?'}; ${titleOf(one)}`,
    }
  })
  const instances = machine.instances.map((instance): Item => {
    const port = topology.ports.find(({ device }) => device === instance.id)
    const chains = machine.chains.filter((chain) => port?.id.startsWith(chain.port))
    return {
      id: idOf(machine.name, instance.domain),
      kind: 'endpoint',
      lines: [
        instance.name || instance.domain,
        port?.addresses[0] ?? 'no address',
        `${instance.state}, ${chains.length} chains`,
      ],
      up: instance.state === 'running',
      title: `${instance.domain}, ${instance.id}; ${chains.map(({ chain, what, rules }) => `${chain} (${what}): ${rules.length} rules`).join('; ')}`,
    }
  })
  return [...spaces, ...instances]
}

/** Rows of one machine from the top: what faces the cables first. */
function rowsOf(machine: Machine, topology: Topology): Item[][] {
  const own = machine.interfaces.filter(({ namespace }) => !namespace)
  const bridges = own.filter(({ kind }) => kind === 'bridge')
  const taps = own.filter(({ name }) => name.startsWith('tap'))
  const tagged = own.filter(({ kind }) => kind === 'vlan')
  const others = own.filter((one) => ![...bridges, ...taps, ...tagged].includes(one))
  const network = (name: string) => topology.networks.find(({ bridge }) => bridge === name)?.name
  const draw = (list: Interface[], kind: Box['kind']) =>
    list.map((one) =>
      item(machine, one, kind, kind === 'bridge' && network(one.name) ? `network ${network(one.name)}` : undefined),
    )
  if (machine.roles.includes('host')) {
    // In the order of the nodes below, so that the cables hardly cross.
    const plugs = [...tagged, ...others].sort((left, right) =>
      farEnd(topology, left).localeCompare(farEnd(topology, right)),
    )
    return [draw(bridges.toReversed(), 'bridge'), draw(plugs, 'interface')].filter(({ length }) => length)
  }
  return [
    draw(others, 'interface'),
    draw(tagged, 'interface'),
    draw(bridges, 'bridge'),
    draw(taps, 'tap'),
    endpoints(machine, topology),
  ].filter(({ length }) => length)
}

function farEnd({ cables, machines }: Topology, { name }: Interface): string {
  const to = cables.find(({ from }) => from.machine === 'host' && from.interface === name)?.to
  return `${to ? machines.findIndex((machine) => machine.name === to.machine) : 99} ${to?.interface}`
}

function place(machine: Machine, rows: Item[][], x: number, y: number): { frame: Frame; boxes: Box[] } {
  const columns = Math.max(1, ...rows.map(({ length }) => length))
  const inner = columns * (size.width + size.gapX) - size.gapX
  const frame = {
    x,
    y,
    width: inner + 2 * size.pad,
    height: rows.length * (size.height + size.gapY) - size.gapY + size.head + 2 * size.pad,
    title: machine.roles.includes('host') ? 'this host' : `${machine.name} (${machine.roles.join(', ')})`,
  }
  const boxes = rows.flatMap((row, level) => {
    const wide = row.length * (size.width + size.gapX) - size.gapX
    return row.map((one, column) => ({
      ...one,
      x: x + size.pad + (inner - wide) / 2 + column * (size.width + size.gapX),
      y: y + size.head + size.pad + level * (size.height + size.gapY),
      width: size.width,
      height: size.height,
    }))
  })
  return { frame, boxes }
}

/** From a port to its bridge, from a tag to the interface below, from a tap to who is behind it. */
function innerLines(machine: Machine): Layout['lines'] {
  const own = (name: string) => idOf(machine.name, name)
  const ports = machine.interfaces.flatMap(({ name, master, namespace }) =>
    master && !namespace ? [{ from: own(name), to: own(master), kind: 'port' as const }] : [],
  )
  const tags = machine.interfaces.flatMap(({ name, vlan }) =>
    vlan ? [{ from: own(name), to: own(vlan.below), kind: 'tag' as const }] : [],
  )
  const instances = machine.instances.flatMap(({ domain, interfaces }) =>
    interfaces.map(({ tap }) => ({ from: own(tap), to: own(domain), kind: 'cable' as const })),
  )
  return [...ports, ...tags, ...instances]
}

export function layOut(topology: Topology): Layout {
  const [host, ...nodes] = topology.machines
  const margin = 16
  const hostRows = host ? rowsOf(host, topology) : []
  const top = host ? place(host, hostRows, margin, margin) : undefined
  const below = (top ? top.frame.y + top.frame.height : 0) + 56
  let x = margin
  const placed = nodes.map((node) => {
    const one = place(node, rowsOf(node, topology), x, below)
    x += one.frame.width + 28
    return one
  })
  const all = [...(top ? [top] : []), ...placed]
  const known = new Set(all.flatMap(({ boxes }) => boxes.map(({ id }) => id)))
  const lines = [
    ...topology.machines.flatMap((machine) => innerLines(machine)),
    ...topology.cables.map(({ from, to }) => ({
      from: idOf(from.machine, from.interface, from.namespace),
      to: idOf(to.machine, to.interface, to.namespace),
      kind: 'cable' as const,
    })),
  ]
  return {
    width: Math.max(...all.map(({ frame }) => frame.x + frame.width), 300) + margin,
    height: Math.max(...all.map(({ frame }) => frame.y + frame.height), 200) + margin,
    frames: all.map(({ frame }) => frame),
    boxes: all.flatMap(({ boxes }) => boxes),
    lines: lines.filter(({ from, to }) => known.has(from) && known.has(to)),
  }
}
