/** A result as a chart: for each phase one bar per method, with the spread of the runs. */

import { escapeHtml } from '../scripts/insight/page/page.ts'
import type { Summary } from './statistics.ts'
import type { Row } from './table.ts'

const size = { label: 150, bar: 560, row: 44, head: 62, tail: 90 }

// Readable on light and dark pages alike.
const css = `text{font:13px system-ui,sans-serif;fill:#222}.soft{fill:#666}.ours{fill:#0b6bcb}.guide{fill:#b3661a}
.spread{stroke:#222;stroke-width:1.5}.tick{stroke:#ddd}.paper{fill:#fff}
@media(prefers-color-scheme:dark){text{fill:#eee}.soft{fill:#aaa}.spread{stroke:#eee}.tick{stroke:#444}.paper{fill:#16181c}.ours{fill:#5aa9f0}.guide{fill:#e09a55}}`

function bar(summary: Summary | undefined, way: string, y: number, scale: number): string {
  if (!summary) return ''
  const { median, min, max } = summary
  const x = (seconds: number) => (size.label + seconds * scale).toFixed(1)
  const spread = max > min ? `<line class="spread" x1="${x(min)}" x2="${x(max)}" y1="${y + 7}" y2="${y + 7}"/>` : ''
  return `<rect class="${way}" x="${size.label}" y="${y}" width="${Math.max(1, median * scale).toFixed(1)}" height="14" rx="2"/>${spread}
<text class="soft" x="${(size.label + Math.max(median, max) * scale + 6).toFixed(1)}" y="${y + 12}">${median.toFixed(1)} s</text>`
}

/** The table has the same data; `title` says what was compared, `note` on which machine. */
export function drawChart(rows: readonly Row[], title: string, note: string): string {
  const longest = Math.max(1, ...rows.flatMap(({ ours, other }) => [ours?.max ?? 0, other?.max ?? 0]))
  const scale = size.bar / longest
  const height = size.head + rows.length * size.row + 24
  const width = size.label + size.bar + size.tail
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600].find((seconds) => longest / seconds <= 8) ?? 1800
  const ticks = Array.from({ length: Math.floor(longest / step) + 1 }, (_, index) => {
    const x = size.label + index * step * scale
    return `<line class="tick" x1="${x}" x2="${x}" y1="${size.head - 4}" y2="${height - 22}"/>`
  })
  const bars = rows.map(({ phase, ours, other }, index) => {
    const y = size.head + index * size.row
    return `<text x="${size.label - 8}" y="${y + 22}" text-anchor="end">${escapeHtml(phase)}</text>
${bar(ours, 'ours', y + 4, scale)}${bar(other, 'guide', y + 20, scale)}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeHtml(title)}</title><style>${css}</style><rect class="paper" width="${width}" height="${height}"/>
<text x="8" y="18" font-weight="600">${escapeHtml(title)}</text>
<rect class="ours" x="8" y="32" width="12" height="12"/><text x="26" y="43">./lab</text>
<rect class="guide" x="80" y="32" width="12" height="12"/><text x="98" y="43">the guide's way</text>
${ticks.join('\n')}
${bars.join('\n')}
<text class="soft" x="8" y="${height - 8}" font-size="11">${escapeHtml(note)}</text>
</svg>
`
}
