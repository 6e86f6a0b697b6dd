/** A trace for the terminal: the flow as a list, each step with its evidence, what was not seen, where the time went. */

import { cut } from '../../terminal/cut.ts'
import { visibleIn } from '../../terminal/visible.ts'
import { drillOf } from './drills.ts'
import type { Evidence } from './evidence.ts'
import { isLaunch, sourceOf, stepOf, stepsOf } from './story.ts'
import { textbook } from './text-step.ts'
import type { Stop, Trace, TraceStep } from './trace.ts'

const flowTitles: Readonly<Record<string, string>> = {
  nova: 'Nova',
  network: 'Network',
  image: 'Image',
  volume: 'Volume',
  project: 'Project',
  floating: 'Floating',
}

/** `nova-5` -> `Nova 5`, as the text numbers its steps. */
export function stepName(id: string | null): string {
  const [flow = '', number = ''] = (id ?? '').split('-')
  return id ? `${flowTitles[flow] ?? flow} ${number}` : ''
}

export function showMs(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`
}

const place = ({ node, file, line }: Evidence) => `${node}:${file}:${line}`

function showStep(step: TraceStep, width: number): string[] {
  const ends = step.from === step.to ? step.from : `${step.from} → ${step.to}`
  const took = step.tookMs === undefined ? '' : ` (${showMs(step.tookMs)})`
  const text = stepOf(step.textStep)?.text
  return [
    `${(step.atMs / 1000).toFixed(3).padStart(8)} s  ${stepName(step.textStep).padEnd(10)}  ${ends}  [${step.kind}]`,
    `                         ${cut(step.what, width - 25)}${took}`,
    ...(text ? [`                         ${sourceOf(step.textStep)}: ${text}`] : []),
    `                         evidence: ${place(step.evidence)}`,
    `                           ${cut(step.evidence.text.trim(), width - 27)}`,
    ...(step.zed
      ? [
          `                         in Zed: ${step.zed.does}`,
          `                           why: ${step.zed.why}; since ${step.zed.since}`,
        ]
      : []),
  ]
}

function showHead(trace: Trace): string[] {
  const { server, ids } = trace
  const host = server.host ? ` on ${server.host}` : ''
  const source =
    trace.source === 'launch'
      ? `recorded while it happened${trace.lost ? `; ${trace.lost} packets were lost` : ''}`
      : 'only what the normal logs and the databases say; to record a launch: ./lab trace --launch'
  const drill = drillOf(trace.drill)
  return [
    `${isLaunch(trace) ? 'launch' : 'association'} of ${server.name}: ${server.status}${host}, ${trace.tookMs ? `${showMs(trace.tookMs)}, ` : ''}${source}`,
    `began ${trace.began}`,
    ...(drill ? [`drill ${trace.drill}: ${drill.what}`, `lesson: ${drill.lesson}`] : []),
    `request ids: ${ids.globalRequest ? `global ${ids.globalRequest}, ` : ''}${isLaunch(trace) ? 'nova' : 'neutron'}-api's own ${ids.requests.join(', ') || 'not known'}`,
    ...(isLaunch(trace) ? [`textbook: ${textbook}`] : []),
    '',
  ]
}

/** A reason that several steps share is said once. */
function showNotSeen({ notSeen: list, about }: Trace): string[] {
  const steps = about ? 'steps' : 'textbook steps'
  if (!list.length) return [`All ${steps} were seen.`, '']
  const reasons = [...new Set(list.map(({ reason }) => reason))]
  return [
    `not seen: ${list.length} of ${stepsOf({ about }).length} ${steps}`,
    ...reasons.flatMap((reason) => [
      `  ${reason}:`,
      ...list
        .filter((one) => one.reason === reason)
        .map(({ textStep: id, text }) => `    ${stepName(id).padEnd(10)}  ${text}`),
    ]),
    '',
  ]
}

function showTimes({ durations, services }: Trace): string[] {
  if (!durations.length) return []
  const width = Math.max(...durations.map(({ name }) => name.length))
  return [
    'where the time went (phases overlap: parts of a launch run in parallel)',
    ...durations.map(
      ({ name, fromMs: from, tookMs: took }) =>
        `  ${name.padEnd(width)}  from ${(from / 1000).toFixed(2).padStart(6)} s  ${showMs(took).padStart(8)}`,
    ),
    'time by service, the sum of all its answers',
    ...services.map(
      ({ service, kind, count, tookMs: took }) =>
        `  ${service.padEnd(22)} ${kind.padEnd(9)} ${String(count).padStart(4)} × ${showMs(took).padStart(9)}`,
    ),
  ]
}

/** The normal logs do not show every step: what came after the last one that they show is not known. */
function stoppedAt({ source }: Trace, { after }: Stop): string {
  if (!after) return source === 'logs' ? 'no step was seen' : 'it stopped before the first step'
  return source === 'logs' ? `the last step that was seen is ${stepName(after)}` : `it stopped after ${stepName(after)}`
}

/** `all`: also show what Zed does beyond the textbook steps. */
export function showTrace(read: Trace, { all = false, width = 120 } = {}): string {
  const trace = visibleIn(read)
  const steps = trace.steps.filter(({ textStep }) => all || textStep !== null)
  const hidden = trace.steps.length - steps.length
  const { stop } = trace
  return [
    ...showHead(trace),
    ...steps.flatMap((step) => showStep(step, width)),
    '',
    ...(hidden
      ? [
          `${hidden} more requests, messages and changes of this ${isLaunch(trace) ? 'launch' : 'association'}: show them with --all`,
          '',
        ]
      : []),
    ...(stop
      ? [
          `${stoppedAt(trace, stop)}: ${stop.because}`,
          ...stop.evidence.flatMap((evidence) => [
            `  ${place(evidence)}`,
            `    ${cut(evidence.text.trim(), width - 4)}`,
          ]),
          '',
        ]
      : []),
    ...showNotSeen(trace),
    ...showTimes(trace),
  ].join('\n')
}
