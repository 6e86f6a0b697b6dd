/** The timeline of a deploy: one bar per step, with the critical path marked, and the same as a table. */

import type { TimedStep, Timings } from '../../run/progress/timings.ts'
import { showDuration } from '../../terminal/amounts.ts'
import { escapeHtml, renderTable, type Section } from '../page/page.ts'
import { criticalPath, linksOf, type NeedsOf } from './critical-path.ts'

const css = `
.timeline { font: 12px system-ui, sans-serif; max-width: 100%; height: auto; }
.timeline text { fill: var(--ink); } .timeline .soft { fill: var(--soft); }
.timeline rect { fill: var(--accent); } .timeline .critical rect { fill: var(--focus); } .timeline .failed rect { fill: var(--bad); }
.timeline line { stroke: var(--line); }
.mark { color: var(--focus); font-weight: 700; }`

const size = { name: 250, bar: 820, row: 22, head: 26 }

/** `openstack_networking_port_v2.server_port` is known by its second half. */
const shortName = (name: string) => name.split('.').at(-1) ?? name

function drawBar(step: TimedStep, row: number, begun: number, scale: number, critical: boolean): string {
  const x = size.name + (step.start - begun) * scale
  const y = size.head + row * size.row
  const width = Math.max(2, (step.end - step.start) * scale)
  const took = showDuration(step.end - step.start)
  const kind = step.outcome === 'done' ? (critical ? ' class="critical"' : '') : ' class="failed"'
  const words = `${step.stack}: ${shortName(step.name)}`
  return `<g${kind}><title>${escapeHtml(`${step.stack}: ${step.name}, ${took}, ${step.outcome}`)}</title>
<text x="0" y="${y + 14}">${escapeHtml(words.slice(0, 38))}${critical ? ' ◆' : ''}</text>
<rect x="${x.toFixed(1)}" y="${y + 3}" width="${width.toFixed(1)}" height="${size.row - 8}" rx="2"/>
<text class="soft" x="${(x + width + 5).toFixed(1)}" y="${y + 14}">${took}</text></g>`
}

function drawTimeline(steps: readonly TimedStep[], path: readonly TimedStep[]): string {
  const begun = Math.min(...steps.map(({ start }) => start))
  const whole = Math.max(...steps.map(({ end }) => end)) - begun
  const scale = size.bar / Math.max(1, whole)
  const height = size.head + steps.length * size.row
  const tick = [10, 30, 60, 120, 300, 600, 1800].find((seconds) => whole / 1000 / seconds <= 10) ?? 3600
  const ticks = Array.from({ length: Math.floor(whole / 1000 / tick) + 1 }, (_, index) => index * tick)
  const lines = ticks.map((seconds) => {
    const x = size.name + seconds * 1000 * scale
    return `<line x1="${x}" x2="${x}" y1="${size.head - 6}" y2="${height}"/><text class="soft" x="${x + 3}" y="14">${showDuration(seconds * 1000)}</text>`
  })
  const bars = steps.map((step, row) => drawBar(step, row, begun, scale, path.includes(step)))
  const width = size.name + size.bar + 90
  return `<svg class="timeline" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Timeline of the deploy; the same stands in the table below">
${lines.join('\n')}
${bars.join('\n')}
</svg>`
}

/** Why there is no timeline, where there is none. */
export function timelineSection(timings: Timings | undefined, needsOf: NeedsOf, source: string): Section {
  const steps = timings ? linksOf(timings.steps) : []
  if (!timings || steps.length === 0) {
    const html = '<p>Not known: no <code>./lab up</code> of this checkout has recorded its timings.</p>'
    return { id: 'timeline', title: 'Timeline of the deploy', html }
  }
  const path = criticalPath(steps, needsOf)
  const onPath = path.reduce((sum, { start, end }) => sum + end - start, 0)
  const rows = steps.map((step) => [
    escapeHtml(step.stack),
    escapeHtml(step.name),
    `${((step.start - steps[0]!.start) / 1000).toFixed(1)} s`,
    showDuration(step.end - step.start),
    path.includes(step) ? '<span class="mark">critical</span>' : '',
    escapeHtml(step.outcome),
  ])
  const { machine, begun, ended, hypervisor } = timings
  return {
    id: 'timeline',
    title: 'Timeline of the deploy',
    css,
    html: [
      `<p>${escapeHtml(source)}: started ${escapeHtml(begun)}, ${showDuration(Date.parse(ended) - Date.parse(begun))} in total, nodes ${hypervisor}, on ${machine.cpus} processors (${escapeHtml(machine.processor)}) with ${machine.memoryMiB} MiB.</p>`,
      `<p>The critical path, marked ◆, took ${showDuration(onPath)}: ${escapeHtml(path.map(({ name }) => shortName(name)).join(' → '))}. Only faster steps on this path make the deploy faster.</p>`,
      `<div class="scroll" tabindex="0" role="region" aria-label="Timeline">${drawTimeline(steps, path)}</div>`,
      `<details><summary>All ${steps.length} steps as a table</summary>${renderTable('Steps of the deploy in the order in which they began', ['part', 'step', 'began at', 'took', 'path', 'outcome'], rows)}</details>`,
    ].join('\n'),
  }
}
