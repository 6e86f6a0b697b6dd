/** The timeline of a deploy: one bar per step, with the critical path marked, and the same as a table. */

import type { TimedStep, Timings } from '../../run/progress/timings.ts'
import { showDuration } from '../../terminal/amounts.ts'
import { escapeHtml, renderTable, type Section } from '../page/page.ts'
import { criticalPath, linksOf, type NeedsOf } from './critical-path.ts'

const css = `
.timeline { list-style: none; margin: 0.75rem 0; padding: 0; font-size: 0.85rem; }
.timeline li { display: grid; grid-template-columns: minmax(8rem, 20rem) minmax(0, 1fr) 6rem; gap: 0 0.75rem; align-items: center; }
.timeline .step { overflow-wrap: anywhere; } .timeline .took { color: var(--soft); }
.timeline .track { position: relative; height: 1.4rem; background: repeating-linear-gradient(to right, var(--line) 0 1px, transparent 1px var(--tick)); }
.timeline .track b { position: absolute; top: 0.3rem; height: 0.8rem; min-width: 2px; border-radius: 2px; background: var(--accent); }
.timeline .critical b { background: var(--focus); } .timeline .failed b { background: var(--bad); }
.timeline .track span { position: absolute; padding-left: 3px; color: var(--soft); white-space: nowrap; }
.mark { color: var(--focus); font-weight: 700; }
@media (max-width: 48rem) {
  .timeline li { grid-template-columns: minmax(0, 1fr) auto; } .timeline .track { grid-row: 2; grid-column: 1 / 3; }
  .timeline .track span:nth-child(even) { display: none; }
}`

/** `openstack_networking_port_v2.server_port` is shown by its second half. */
const shortName = (name: string) => name.split('.').at(-1) ?? name

const percent = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(2)}%`

/** On a narrow window its name is above the bar, so that it need not be cut. */
function drawBar({ stack, name, start, end, outcome }: TimedStep, begun: number, whole: number, critical: boolean) {
  const isDone = outcome === 'done'
  const kind = isDone ? (critical ? ' class="critical"' : '') : ' class="failed"'
  const mark = critical ? ' <span class="mark" aria-hidden="true">◆</span>' : ''
  const took = `${showDuration(end - start)}${isDone ? '' : `, ${outcome}`}`
  const place = `left: ${percent(start - begun, whole)}; width: ${percent(end - start, whole)}`
  return `<li${kind}><span class="step">${escapeHtml(`${stack}: ${shortName(name)}`)}${mark}</span><span class="track"><b style="${place}"></b></span><span class="took">${escapeHtml(took)}</span></li>`
}

function drawTimeline(steps: readonly TimedStep[], path: readonly TimedStep[]): string {
  const begun = Math.min(...steps.map(({ start }) => start))
  const whole = Math.max(...steps.map(({ end }) => end)) - begun
  const tick = 1000 * ([10, 30, 60, 120, 300, 600, 1800].find((seconds) => whole / 1000 / seconds <= 10) ?? 3600)
  // The last label would have no room.
  const ticks = Array.from({ length: Math.floor((0.93 * whole) / tick) + 1 }, (_, index) => index * tick)
  const words = ticks.map((at) => `<span style="left: ${percent(at, whole)}">${showDuration(at)}</span>`)
  const bars = steps.map((step) => drawBar(step, begun, whole, path.includes(step)))
  return `<ol class="timeline" style="--tick: ${percent(tick, whole)}" aria-label="Timeline of the deploy">
<li aria-hidden="true"><span></span><span class="track">${words.join('')}</span></li>
${bars.join('\n')}
</ol>`
}

/** Why there is no timeline. */
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
      drawTimeline(steps, path),
      `<details><summary>All ${steps.length} steps as a table</summary>${renderTable('Steps of the deploy in the order in which they began', ['part', 'step', 'began at', 'took', 'path', 'outcome'], rows)}</details>`,
    ].join('\n'),
  }
}
