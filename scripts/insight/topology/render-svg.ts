/** The topology as one SVG. It has its own colors, and uses those of the page in which it is embedded. */

import { escapeHtml } from '../page/page.ts'
import type { Box, DrawnLine } from './columns.ts'
import { layOut, type } from './layout.ts'
import type { Topology } from './model.ts'

const style = `
.topology { font: ${type.line}px ui-monospace, 'DejaVu Sans Mono', monospace; background: var(--ground, #fff); }
.topology text { fill: var(--ink, #1a2330); }
.topology .name { font-size: ${type.name}px; font-weight: 600; }
.topology .soft { fill: var(--soft, #4a5668); }
.topology .frame { fill: none; stroke: var(--line, #c3cbd6); stroke-width: 1.5; }
.topology rect.box { fill: var(--panel, #f3f5f8); stroke: var(--accent, #0b5cad); stroke-width: 1.5; }
.topology .bridge rect { stroke-width: 3; } .topology .endpoint rect { rx: 12; }
.topology .down rect { stroke: var(--bad, #b42318); stroke-dasharray: 5 3; }
.topology path { fill: none; stroke: var(--accent, #0b5cad); stroke-width: 2; } .topology path.tag { stroke-dasharray: 6 3; }
.topology path.port { stroke: var(--good, #0a6b3a); }
@media (prefers-color-scheme: dark) { .topology.alone { --ground: #12171f; --panel: #1c2430; --ink: #e8edf4; --soft: #aab6c6; --line: #3b4757; --accent: #7db8f5; --good: #6fd49b; --bad: #ff9b8f; } }`

/** 11 pixels of type become 10. */
const smallest = 0.91

/** From the right side of one box to the left side of the other, level at both ends. */
function drawLine({ from, to, kind, points }: DrawnLine, byId: ReadonlyMap<string, Box>): string {
  const [start, end] = [byId.get(from)!, byId.get(to)!]
  const stops = [
    { x: start.x + start.width, y: start.y + start.height / 2 },
    ...points,
    { x: end.x, y: end.y + end.height / 2 },
  ].map(({ x, y }) => [x, y].map(Math.round))
  const curves = stops.slice(1).map(([x = 0, y = 0], index) => {
    const [fromX = 0, fromY = 0] = stops[index]!
    const half = Math.round((fromX + x) / 2)
    return `C ${half} ${fromY} ${half} ${y} ${x} ${y}`
  })
  return `<path class="${kind}" d="M ${stops[0]!.join(' ')} ${curves.join(' ')}"/>`
}

/** In a page each box can be focused with the keyboard or touched; its details are then shown below the picture. */
function drawBox(box: Box, alone: boolean, index: number): string {
  const middle = (box.x + box.width / 2).toFixed(1)
  const text = box.lines.map((line, row) => {
    const mark = row === 0 && !box.up ? ' ✗' : ''
    const y = box.y + 6 + type.leading * (row + 1) - 4
    return `<text class="${row === 0 ? 'name' : 'soft'}" x="${middle}" y="${y.toFixed(1)}" text-anchor="middle">${escapeHtml(line)}${mark}</text>`
  })
  const title = escapeHtml(`${box.title}${box.up ? '' : ' (not working)'}`)
  const reach = alone ? '' : ` role="button" tabindex="${index ? -1 : 0}" aria-label="${title}"`
  return `<g class="${box.kind}${box.up ? '' : ' down'}"${reach}><title>${title}</title>
<rect class="box" x="${box.x.toFixed(1)}" y="${box.y.toFixed(1)}" width="${box.width}" height="${box.height}" rx="5"/>
${text.join('')}</g>`
}

/** `alone`: as a separate file, not part of a page. */
export function renderSvg(topology: Topology, { alone = false } = {}): string {
  const { width, height, frames, boxes, lines } = layOut(topology)
  const byId = new Map(boxes.map((box) => [box.id, box]))
  const drawn = lines.map((line) => drawLine(line, byId))
  const outlines = frames.map(
    ({ x, y, width: wide, height: high, title }) =>
      `<rect class="frame" x="${x}" y="${y}" width="${wide}" height="${high}" rx="8"/><text class="name" x="${x + 12}" y="${y + 20}">${escapeHtml(title)}</text>`,
  )
  const counts = topology.machines.map(
    ({ name, interfaces, instances }) => `${name}: ${interfaces.length} interfaces, ${instances.length} instances`,
  )
  // A page may shrink it a little so that it fits, but not so much that it becomes unreadable.
  const form = alone
    ? 'class="topology alone" role="img"'
    : `class="topology" role="group" style="min-width: ${Math.round(width * smallest)}px"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${form} width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" aria-labelledby="topology-name topology-text">
<title id="topology-name">Wiring of lab ${escapeHtml(topology.lab.name)}</title>
<desc id="topology-text">${escapeHtml(counts.join('; '))}. The tables contain the same.</desc>
<style>${style}</style>
${outlines.join('\n')}
${drawn.join('\n')}
${boxes.map((box, index) => drawBox(box, alone, index)).join('\n')}
</svg>
`
}
