/** Where the time of a launch went: its phases, sequential or parallel, and the time of each service. */

import type { Observation } from './evidence.ts'
import type { FoundSteps } from './find.ts'
import { concerns, isOurs, replyTo, type Scene } from './scene.ts'
import { isLaunch } from './story.ts'
import type { StepId } from './text-step.ts'
import type { Duration, ServiceTime } from './trace.ts'

type End = StepId | ((scene: Scene, found: FoundSteps) => number | undefined)

const answered = (step: StepId) => (_: Scene, found: FoundSteps) => {
  const one = found.get(step)?.one
  return one?.kind === 'request' ? one.answer?.at : undefined
}

const domainStart = (scene: Scene) =>
  scene.logs.find(({ message, at }) => message.startsWith('starting up libvirt') && at >= scene.recording.began)?.at

/** nova-compute logs the end of the build as well as its beginning. */
const buildEnds = (scene: Scene) =>
  scene.messages.findLast(({ object }) => object?.startsWith('InstanceActionEvent.event_finish'))?.at

const phases: readonly [string, End, End][] = [
  ['signing in', 'nova-1', answered('nova-1')],
  ['nova-api, until it answers the client', 'nova-2', answered('nova-2')],
  ['nova-conductor, until it asks the scheduler', 'nova-4', 'nova-5'],
  ['scheduling', 'nova-5', 'nova-7'],
  ['nova-conductor, until the host is asked to build', 'nova-7', 'nova-8'],
  ['nova-compute, until it asks for the network', 'nova-8', 'network-1'],
  ['Neutron creates the port', 'network-1', answered('network-1')],
  ['the DHCP agent', 'network-3', 'network-7'],
  ['the volume is connected', 'volume-1', 'volume-3'],
  ['the image is requested', 'image-1', 'image-3'],
  ['the domain is prepared', 'image-3', domainStart],
  ['the tap is connected and its filters are created', 'network-9', 'network-10'],
  ['Neutron sets the port ACTIVE and notifies Nova', 'network-10', 'network-13'],
  ['nova-compute finishes', 'network-13', buildEnds],
]

const floatingPhases: readonly [string, End, End][] = [
  ['signing in', 'floating-1', answered('floating-1')],
  ['neutron-api, until it answers the client', 'floating-2', answered('floating-2')],
  ['until the L3 agent asks for the router', 'floating-5', 'floating-7'],
  ['neutron-server puts the router together', 'floating-7', 'floating-9'],
  ['the L3 agent changes the namespace', 'floating-9', 'floating-12'],
  ['until Neutron knows that it is done', 'floating-12', 'floating-15'],
]

function momentOf(scene: Scene, found: FoundSteps, end: End): number | undefined {
  if (typeof end === 'function') return end(scene, found)
  const one: Observation | undefined = found.get(end)?.one
  return one && one.kind !== 'row' ? one.at : undefined
}

/** Phases with a known beginning and end. They overlap: parts of a launch run in parallel. */
export function readDurations(scene: Scene, found: FoundSteps): Duration[] {
  return (isLaunch(scene.recording) ? phases : floatingPhases).flatMap(([name, from, to]) => {
    const [start, end] = [momentOf(scene, found, from), momentOf(scene, found, to)]
    if (start === undefined || end === undefined || end < start) return []
    return [{ name, fromMs: Math.round(start - scene.recording.began), tookMs: Math.round(end - start) }]
  })
}

export function readServiceTimes(scene: Scene): ServiceTime[] {
  const times = new Map<string, ServiceTime>()
  const add = (service: string, kind: ServiceTime['kind'], took: number) => {
    const known = times.get(`${kind} ${service}`) ?? { service, kind, count: 0, tookMs: 0 }
    times.set(`${kind} ${service}`, { ...known, count: known.count + 1, tookMs: known.tookMs + took })
  }
  for (const one of scene.requests) {
    if (isOurs(scene, one) && one.answer) add(one.to.unit, 'REST', one.answer.at - one.at)
  }
  for (const one of scene.messages) {
    const reply = one.kind === 'publish' && one.rpc === 'call' && concerns(scene, one) ? replyTo(scene, one) : undefined
    if (reply) add(reply.from.unit, 'RPC call', reply.at - one.at)
  }
  return [...times.values()]
    .map((time) => ({ ...time, tookMs: Math.round(time.tookMs) }))
    .sort((left, right) => right.tookMs - left.tookMs)
}
