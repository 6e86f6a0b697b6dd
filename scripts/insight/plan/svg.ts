/** The plan as a picture: each node with its services, the networks between them, and this machine. */

import { escapeHtml } from '../page/page.ts'
import type { LabPlan, PlannedNetwork, PlannedNode } from './lab-plan.ts'

const box = { width: 340, gap: 40, margin: 30, head: 62, row: 24, pad: 14 }
const wire = { height: 64, thickness: 6 }
const colours: Record<PlannedNetwork['kind'], string> = { management: '#2563eb', provider: '#d97706', vlan: '#9333ea' }
const ink = '#1f2937'
const faint = '#6b7280'

interface TextLook {
  size?: number
  weight?: string
  fill?: string
  anchor?: 'start' | 'middle' | 'end'
}

function text(x: number, y: number, content: string, look: TextLook = {}): string {
  const { size = 13, weight = 'normal', fill = ink, anchor = 'start' } = look
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escapeHtml(content)}</text>`
}

function rectangle(x: number, y: number, width: number, height: number, fill: string, stroke: string): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="${fill}" stroke="${stroke}"/>`
}

/** What runs on a node: one line per service, with its ports there. */
function servicesOf({ services }: LabPlan, node: string): [string, string][] {
  return services.flatMap(({ name, nodes }) =>
    nodes
      .filter((one) => one.node === node && one.units.length > 0)
      .map(({ ports }): [string, string] => [name, ports.map((port) => `:${port}`).join(' ')]),
  )
}

function drawNode(plan: LabPlan, node: PlannedNode, x: number, y: number, height: number): string[] {
  const { name, roles, vcpus, memoryMiB, diskGiB, volumeDiskGiB } = node
  const disk = `${diskGiB}${volumeDiskGiB ? ` + ${volumeDiskGiB}` : ''} GiB disk`
  const size = `${vcpus} CPUs · ${(memoryMiB / 1024).toFixed(1)} GiB · ${disk}`
  return [
    rectangle(x, y, box.width, height, '#f9fafb', '#9ca3af'),
    text(x + box.pad, y + 26, name, { size: 18, weight: 'bold' }),
    text(x + box.width - box.pad, y + 26, roles.join(', '), { fill: faint, anchor: 'end' }),
    text(x + box.pad, y + 47, size, { fill: faint }),
    ...servicesOf(plan, name).flatMap(([service, ports], index) => {
      const line = y + box.head + 18 + index * box.row
      return [
        text(x + box.pad, line, service),
        text(x + box.width - box.pad, line, ports, { size: 12, fill: faint, anchor: 'end' }),
      ]
    }),
  ]
}

const wireTop = (top: number, index: number) => top + 46 + index * wire.height

/** The lines from each node's interface down to a network, labelled with the interface's addresses. */
function drawPlugs(plan: LabPlan, network: PlannedNetwork, index: number, top: number): string[] {
  const y = wireTop(top, index)
  const colour = colours[network.kind]
  // The tagged network uses the same interface as the provider network, so it is drawn close to it.
  const offset = { management: 40, provider: 190, vlan: 182 }[network.kind]
  return plan.nodes.flatMap((node, place) => {
    const port = network.kind === 'management' ? node.interfaces[0]! : node.interfaces[1]!
    const x = box.margin + place * (box.width + box.gap) + offset
    const labels = network.kind === 'vlan' ? [] : [`${port.name} ${port.address ?? ''}`, port.mac ?? '']
    return [
      `<line x1="${x}" y1="${top}" x2="${x}" y2="${y}" stroke="${colour}" stroke-width="2"/>`,
      ...labels.map((label, line) => text(x + 6, top + 16 + line * 15, label, { size: 12 - 2 * line, fill: colour })),
    ]
  })
}

/** A network as a bar below the nodes. Its text is drawn over the lines that cross it. */
function drawWire(network: PlannedNetwork, index: number, top: number, width: number): string[] {
  const y = wireTop(top, index)
  const colour = colours[network.kind]
  const details = [
    network.cidr,
    network.vlan ? `tag ${network.vlan}` : '',
    network.hostAddress ? `this machine ${network.hostAddress}` : 'not on this machine',
    network.pool ? `instances ${network.pool[0]} to ${network.pool[1]}` : '',
  ]
  return [
    `<rect x="${box.margin}" y="${y}" width="${width - 2 * box.margin}" height="${wire.thickness}" rx="3" fill="${colour}"/>`,
    '<g paint-order="stroke" stroke="white" stroke-width="5">',
    text(box.margin, y + 24, network.name, { weight: 'bold', fill: colour }),
    text(box.margin, y + 41, details.filter(Boolean).join(' · '), { size: 12, fill: faint }),
    '</g>',
  ]
}

/** A complete SVG document; the same plan gives the same picture. */
export function drawPlan(plan: LabPlan): string {
  const width = 2 * box.margin + plan.nodes.length * box.width + (plan.nodes.length - 1) * box.gap
  const rows = Math.max(...plan.nodes.map(({ name }) => servicesOf(plan, name).length))
  const nodeHeight = box.head + rows * box.row + box.pad
  const nodesTop = 74
  const wiresTop = nodesTop + nodeHeight
  const height = wiresTop + 46 + plan.networks.length * wire.height + 10
  const kind = `${plan.nodes.length} nodes as ${plan.hypervisor}, isolation ${plan.isolation}`
  const { vcpus, memoryMiB, diskGiB } = plan.totals
  const totals = `${vcpus} CPUs · ${(memoryMiB / 1024).toFixed(1)} GiB memory · up to ${diskGiB} GiB disk`
  const parts = [
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(box.margin, 38, `${plan.name}${plan.id ? ` (${plan.id})` : ''}`, { size: 22, weight: 'bold' }),
    text(box.margin, 60, `${kind} · ${totals}`, { fill: faint }),
    ...plan.nodes.flatMap((node, index) =>
      drawNode(plan, node, box.margin + index * (box.width + box.gap), nodesTop, nodeHeight),
    ),
    ...plan.networks.flatMap((network, index) => drawPlugs(plan, network, index, wiresTop)),
    ...plan.networks.flatMap((network, index) => drawWire(network, index, wiresTop, width)),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif">
${parts.join('\n')}
</svg>`
}
