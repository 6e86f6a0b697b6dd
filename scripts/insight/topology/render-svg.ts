/** The topology as one SVG. It has its own colors, and uses those of the page in which it is embedded. */

import { escapeHtml } from '../page/page.ts'
import { type Box, layOut } from './layout.ts'
import type { Topology } from './model.ts'

const style = `
.topology { font: 12px system-ui, sans-serif; background: var(--ground, #fff); }
.topology text { fill: var(--ink, #1a2330); }
.topology .soft { fill: var(--soft, #4a5668); }
.topology .frame { fill: none; stroke: var(--line, #c3cbd6); stroke-width: 1.5; }
.topology rect.box { fill: var(--panel, #f3f5f8); stroke: var(--accent, #0b5cad); stroke-width: 1.5; }
.topology .bridge rect { stroke-width: 3; } .topology .endpoint rect { rx: 14; }
.topology .down rect { stroke: var(--bad, #b42318); stroke-dasharray: 5 3; }
.topology line { stroke: var(--accent, #0b5cad); stroke-width: 2; } .topology line.tag { stroke-dasharray: 6 3; }
.topology line.port { stroke: var(--good, #0a6b3a); }
@media (prefers-color-scheme: dark) { .topology.alone { --ground: #12171f; --panel: #1c2430; --ink: #e8edf4; --soft: #aab6c6; --line: #3b4757; --accent: #7db8f5; --good: #6fd49b; --bad: #ff9b8f; } }`

const middle = ({ x, width }: Box) => x + width / 2

/** From edge to edge, whichever stands higher. */
function drawLine(from: Box, to: Box, kind: string): string {
  const [upper, lower] = from.y <= to.y ? [from, to] : [to, from]
  return `<line class="${kind}" x1="${middle(upper)}" y1="${upper.y + upper.height}" x2="${middle(lower)}" y2="${lower.y}"/>`
}

function drawBox(box: Box): string {
  const [name = '', ...rest] = box.lines
  const text = rest
    .filter(Boolean)
    .map(
      (line, index) =>
        `<text class="soft" x="${middle(box)}" y="${box.y + 33 + index * 15}" text-anchor="middle">${escapeHtml(line)}</text>`,
    )
  return `<g class="${box.kind}${box.up ? '' : ' down'}"><title>${escapeHtml(box.title)}${box.up ? '' : ' (not working)'}</title>
<rect class="box" x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="5"/>
<text x="${middle(box)}" y="${box.y + 17}" text-anchor="middle" font-weight="600">${escapeHtml(name)}${box.up ? '' : ' ✗'}</text>${text.join('')}</g>`
}

/** `alone`: a file of its own, not a part of a page. */
export function renderSvg(topology: Topology, { alone = false } = {}): string {
  const { width, height, frames, boxes, lines } = layOut(topology)
  const byId = new Map(boxes.map((box) => [box.id, box]))
  const drawn = lines.map(({ from, to, kind }) => drawLine(byId.get(from)!, byId.get(to)!, kind))
  const outlines = frames.map(
    ({ x, y, width: wide, height: high, title }) =>
      `<rect class="frame" x="${x}" y="${y}" width="${wide}" height="${high}" rx="8"/><text x="${x + 12}" y="${y + 22}" font-weight="700">${escapeHtml(title)}</text>`,
  )
  const counts = topology.machines.map(
    ({ name, interfaces, instances }) => `${name}: ${interfaces.length} interfaces, ${instances.length} instances`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" class="topology${alone ? ' alone' : ''}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="topology-name topology-text">
<title id="topology-name">Wiring of lab ${escapeHtml(topology.lab.name)}</title>
<desc id="topology-text">${escapeHtml(counts.join('; '))}. The tables contain the same.</desc>
<style>${style}</style>
${outlines.join('\n')}
${drawn.join('\n')}
${boxes.map(drawBox).join('\n')}
</svg>
`
}
