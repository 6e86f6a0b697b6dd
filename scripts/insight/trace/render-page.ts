/**
 * A trace as a page, or as a section of one: the sequence diagram, what was not seen, where the time went, every step
 * as text.
 */

import { readFileSync } from 'node:fs'
import { embedJson, escapeHtml, renderPage, renderTable, type Section } from '../page/page.ts'
import { drillOf } from './drills.ts'
import type { Evidence } from './evidence.ts'
import { lanesOf } from './lanes.ts'
import { showMs, stepName } from './render-text.ts'
import { isLaunch, sourceOf, stepOf, stepsOf } from './story.ts'
import { textbook } from './text-step.ts'
import type { Trace, TraceStep } from './trace.ts'

const own = (name: string) => readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8')

const textOf = (id: string | null) => stepOf(id)?.text

function renderEvidence({ node, file, line, text }: Evidence): string {
  return `<div><code>${escapeHtml(`${node}:${file}:${line}`)}</code><pre>${escapeHtml(text.trim())}</pre></div>`
}

function renderIntro({ server, ids, began, tookMs: took, source, lost, drill, about }: Trace): string {
  const lesson = drillOf(drill)
  const rows = [
    [isLaunch({ about }) ? 'instance' : 'what', `${server.name}${server.id ? ` (${server.id})` : ''}`],
    ['ended', `${server.status}${server.host ? ` on ${server.host}` : ''}${server.fault ? `: ${server.fault}` : ''}`],
    ['began', `${began}, ${showMs(took)} until its last step`],
    ["client's request id", ids.globalRequest ?? 'none'],
    [`${isLaunch({ about }) ? 'nova' : 'neutron'}-api's request id`, ids.requests.join(', ') || 'not known'],
    [
      'evidence',
      source === 'launch'
        ? `recorded while it happened, ${lost ? `${lost} packets lost` : 'no packets lost'}`
        : 'only from the normal logs and the databases, which do not show most of the steps',
    ],
    ...(isLaunch({ about }) ? [['textbook', textbook]] : []),
    ...(lesson ? [['drill', `${drill}: ${lesson.what}`]] : []),
    ...(lesson ? [['lesson', lesson.lesson]] : []),
  ]
  return `<dl class="facts">${rows.map(([name, value]) => `<div><dt>${escapeHtml(name!)}</dt><dd>${escapeHtml(value!)}</dd></div>`).join('')}</dl>`
}

function renderStop({ stop }: Trace): string {
  if (!stop) return ''
  const after = stop.after
    ? `After ${stepName(stop.after)} (${sourceOf(stop.after)}: ${textOf(stop.after)}).`
    : 'Before the first step.'
  return `<div class="notice" role="note"><h3>Where it stopped</h3><p>${escapeHtml(after)}</p><p>${escapeHtml(stop.because)}</p>${stop.evidence.map(renderEvidence).join('')}</div>`
}

const flows = {
  nova: 'Nova',
  network: 'Network',
  image: 'Image',
  volume: 'Volume',
  project: 'Project network',
  floating: 'Floating IP',
} as const

function renderNotSeen({ notSeen: list, about }: Trace): string {
  if (!list.length) return `<p>All ${about ? 'steps' : 'textbook steps'} were seen.</p>`
  return renderTable(
    'Textbook steps without evidence',
    ['step', 'what the textbook says', 'why it is not shown'],
    list.map(({ textStep: id, text, reason }) => [escapeHtml(stepName(id)), escapeHtml(text), escapeHtml(reason)]),
  )
}

function renderTimes({ durations, services, tookMs: all }: Trace): string {
  if (!durations.length) return ''
  const bar = (from: number, took: number) => {
    const [left, width] = [(100 * from) / Math.max(all, 1), Math.max(0.6, (100 * took) / Math.max(all, 1))]
    return `<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect x="${left.toFixed(2)}" width="${width.toFixed(2)}" height="6"/></svg>`
  }
  const phases = durations.map(({ name, fromMs: from, tookMs: took }) => [
    escapeHtml(name),
    `${(from / 1000).toFixed(2)} s`,
    showMs(took),
    bar(from, took),
  ])
  const answers = services.map(({ service, kind, count, tookMs: took }) => [
    escapeHtml(service),
    kind,
    String(count),
    showMs(took),
  ])
  return `<h3 id="times">Where the time went</h3>
<div class="times">
${renderTable('Phases (they overlap: parts of a launch run in parallel)', ['phase', 'began at', 'took', 'in the launch'], phases)}
${renderTable('Time by service, the sum of all its answers', ['service', 'by', 'answers', 'took'], answers)}
</div>`
}

/** The same content as the diagram, as text. */
function renderSteps(steps: readonly TraceStep[]): string {
  const rows = steps.map((step) => [
    `${(step.atMs / 1000).toFixed(3)} s`,
    escapeHtml(stepName(step.textStep)),
    escapeHtml(step.from === step.to ? step.from : `${step.from} to ${step.to}`),
    step.kind,
    `${escapeHtml(step.what)}${step.textStep ? `<br><span class="soft">${sourceOf(step.textStep)}: ${escapeHtml(textOf(step.textStep) ?? '')}</span>` : ''}`,
    `<details><summary>line ${step.evidence.line} of ${escapeHtml(step.evidence.file)}</summary>${[step.evidence, ...(step.more ?? [])].map(renderEvidence).join('')}</details>`,
  ])
  return renderTable(
    'All steps in chronological order',
    ['time', 'step', 'from and to', 'by', 'what', 'evidence'],
    rows,
  )
}

const kinds = ['REST', 'RPC call', 'RPC cast', 'RPC reply', 'queue', 'SQL', 'cache', 'dnsmasq', 'libvirt'] as const

/** What only self-service labs have. */
const moreKinds = ['kernel', 'log'] as const

/** What is shown, how large, and what the colors mean. */
export function renderControls(trace: Pick<Trace, 'about'>): string {
  const parts = new Set(stepsOf(trace).map(({ flow }) => flow))
  const legend = [...kinds, ...(trace.about ? moreKinds : [])].map(
    (kind) =>
      `<li class="kind-${kind.replaceAll(' ', '-').toLowerCase()}"><span aria-hidden="true"></span>${kind}</li>`,
  )
  return `<div class="controls" role="group" aria-label="What the diagram shows">
<label><input type="checkbox" id="trace-all"> also show ${isLaunch(trace) ? 'what Zed does beyond the textbook steps' : 'all other requests and messages'}</label>
<label>part <select id="trace-flow"><option value="">all</option>${Object.entries(flows)
    .filter(([id]) => parts.has(id as keyof typeof flows))
    .map(([id, name]) => `<option value="${id}">${name}</option>`)
    .join('')}</select></label>
<label>service <select id="trace-lane"><option value="">all</option></select></label>
<span role="group" aria-label="Zoom"><button type="button" id="trace-out" aria-label="Smaller">−</button> <output id="trace-zoom">100 %</output> <button type="button" id="trace-in" aria-label="Larger">+</button></span>
</div>
<ul class="legend" aria-label="Kinds of arrow">${legend.join('')}</ul>
<p class="soft">Select an arrow, or move from one to the next with the arrow keys, to read its evidence.</p>`
}

/** What the script of the page draws. */
export const diagramOf = ({ steps }: Pick<Trace, 'steps'>) => ({
  lanes: lanesOf(steps),
  steps: steps.map((step) => ({
    ...step,
    name: stepName(step.textStep),
    text: textOf(step.textStep) ?? null,
    source: sourceOf(step.textStep),
  })),
})

/** The part of a page that shows a trace. */
export function traceSection(trace: Trace): Section {
  return {
    id: 'trace',
    title: `The ${isLaunch(trace) ? 'launch' : 'association'} of ${trace.server.name}`,
    css: own('trace.css'),
    script: own('trace-page.mjs'),
    html: [
      renderIntro(trace),
      renderStop(trace),
      renderControls(trace),
      '<div class="diagram"><div id="trace-diagram" class="scroll"></div><aside id="trace-evidence" tabindex="0" aria-live="polite" aria-label="Evidence"></aside></div>',
      '<h3>What was not seen</h3>',
      renderNotSeen(trace),
      renderTimes(trace),
      `<details class="steps"><summary>All ${trace.steps.length} steps as a table</summary>${renderSteps(trace.steps)}</details>`,
      embedJson('trace-data', diagramOf(trace)),
    ].join('\n'),
  }
}

export function renderTracePage(trace: Trace): string {
  const section = traceSection(trace)
  const title = `${isLaunch(trace) ? 'Launch' : 'Association'} of ${trace.server.name}, step by step`
  return renderPage({ title, intro: '', sections: [section] })
}
