/** Makes a trace from a recording: each step of the text where it was seen, and what Zed does in addition. */

import { drawArrow } from './arrows.ts'
import { readDurations, readServiceTimes } from './durations.ts'
import type { Observation, Recording } from './evidence.ts'
import type { Finder, Found, FoundSteps } from './find.ts'
import { imageFinders } from './find-image.ts'
import { networkFinders } from './find-network.ts'
import { novaFinders } from './find-nova.ts'
import { selfServiceFinders } from './find-self-service.ts'
import { volumeFinders } from './find-volume.ts'
import { concerns, isOurs, openScene, type Scene } from './scene.ts'
import { readStop } from './stop.ts'
import { isLaunch, stepsOf } from './story.ts'
import type { StepId, TextStep } from './text-step.ts'
import type { NotSeen, Trace, TraceStep } from './trace.ts'

const finders: Readonly<Record<string, Finder>> = {
  ...novaFinders,
  ...networkFinders,
  ...imageFinders,
  ...volumeFinders,
  ...selfServiceFinders,
}

function findSteps(scene: Scene): FoundSteps {
  const found = stepsOf(scene.recording).map(({ id }) => [id, finders[id]?.(scene)] as const)
  return new Map(found.filter((entry): entry is [StepId, Found] => entry[1] !== undefined))
}

const since = (scene: Scene, at: number) => Math.round((at - scene.recording.began) * 1000) / 1000

/** A row's time is in whole seconds: within its second it follows the step before it. */
const momentOf = ({ one }: Found, before: number) =>
  one.kind === 'row' ? Math.max(one.at, Math.min(before, one.at + 999)) : one.at

function textArrows(scene: Scene, found: FoundSteps): TraceStep[] {
  const before = new Map<string, number>()
  return stepsOf(scene.recording).flatMap((step) => {
    const one = found.get(step.id)
    if (!one) return []
    const at = momentOf(one, before.get(step.flow) ?? 0)
    before.set(step.flow, at)
    return [textArrow(scene, step, one, at)]
  })
}

function textArrow(scene: Scene, step: TextStep, { one, more }: Found, at: number): TraceStep {
  return {
    textStep: step.id,
    atMs: since(scene, at),
    ...drawArrow(scene, one),
    ...(more.length ? { more: more.map(({ evidence }) => evidence) } : {}),
    ...(step.zed ? { zed: step.zed } : {}),
  }
}

/** Statements that change the instance; a table that is written twenty times in a row is one arrow. */
function changes(scene: Scene): Observation[] {
  const seen = new Set<string>()
  return scene.statements.filter(({ sql, ids, from }) => {
    const [verb = '', table = ''] = /^(INSERT INTO|UPDATE|DELETE FROM) (\S+)/.exec(sql)?.slice(1) ?? []
    const key = `${from.unit} ${verb} ${table}`
    if (!verb || !ids.includes(scene.ids.instance ?? '') || seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** Everything of this launch that is not a step of the text: requests, messages, changes, the start of the domain. */
function others(scene: Scene, used: ReadonlySet<Observation>): TraceStep[] {
  const observations: Observation[] = [
    ...scene.requests.filter((one) => isOurs(scene, one)),
    ...scene.messages.filter((one) => one.kind === 'publish' && one.rpc !== 'reply' && concerns(scene, one)),
    ...changes(scene),
    ...scene.logs.filter(({ message, at }) => message.startsWith('starting up libvirt') && at >= scene.recording.began),
  ]
  return observations
    .filter((one) => !used.has(one))
    .map((one) => ({ textStep: null, atMs: since(scene, one.at), ...drawArrow(scene, one) }))
}

/** Why a step has no evidence, as far as known; nothing is invented. */
function whyNotSeen(scene: Scene, found: FoundSteps, step: TextStep): string {
  const { recording, ids } = scene
  if (step.flow === 'volume' && ids.volumes.length === 0) return 'the launch had no volume'
  if (recording.source === 'logs') {
    return 'the normal logs do not show it; ./lab trace --launch records everything that the services send each other'
  }
  const later = stepsOf(recording).some(
    ({ id, flow, number }) => flow === step.flow && number > step.number && found.has(id),
  )
  const lost = Object.values(recording.lost).reduce((sum, count) => sum + count, 0)
  if (lost > 0) return `no evidence; the recorder lost ${lost} packets`
  if (later) return 'no evidence, although later steps of this part were seen'
  if (recording.server.status !== 'ACTIVE')
    return `the ${isLaunch(recording) ? 'launch' : 'floating IP'} did not get this far`
  if (step.id === 'image-3') return 'the image was not requested: nova-compute had it cached already'
  return 'no evidence'
}

/** The steps in order of time; at the same moment, in the text's order. */
function inOrder(steps: readonly TextStep[]) {
  const place = ({ textStep }: TraceStep) => {
    const index = steps.findIndex(({ id }) => id === textStep)
    return index < 0 ? steps.length : index
  }
  return (left: TraceStep, right: TraceStep) => left.atMs - right.atMs || place(left) - place(right)
}

export function traceOf(recording: Recording): Trace {
  const scene = openScene(recording)
  const wanted = stepsOf(recording)
  const found = findSteps(scene)
  const seen = textArrows(scene, found)
  const used = new Set([...found.values()].map(({ one }) => one))
  const steps = [...seen, ...others(scene, used)].sort(inOrder(wanted))
  const notSeen = wanted.filter(({ id }) => !found.has(id))
  const stop = readStop(scene, seen)
  const durations = readDurations(scene, found)
  const last = Math.max(0, ...durations.map((one) => one.fromMs + one.tookMs), steps.at(-1)?.atMs ?? 0)
  return {
    id: recording.id,
    source: recording.source,
    ...(recording.about ? { about: recording.about } : {}),
    server: recording.server,
    ...(recording.drill ? { drill: recording.drill } : {}),
    began: new Date(recording.began).toISOString(),
    tookMs: Math.round(last),
    ids: recording.ids,
    lost: Object.values(recording.lost).reduce((sum, count) => sum + count, 0),
    steps,
    notSeen: notSeen.map(
      (step): NotSeen => ({ textStep: step.id, text: step.text, reason: whyNotSeen(scene, found, step) }),
    ),
    durations,
    services: readServiceTimes(scene),
    ...(stop ? { stop } : {}),
  }
}
