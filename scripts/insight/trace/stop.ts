/** Where a failed launch stopped, and which log lines say why. */

import type { Evidence, Message } from './evidence.ts'
import { concerns, isOurs, replyTo, type Scene, sameMessage } from './scene.ts'
import { isLaunch } from './story.ts'
import type { Stop, TraceStep } from './trace.ts'

interface Reason {
  at: number
  says: string
  evidence: Evidence
}

/** Newer messages may still be on their way when the recorder ends. */
export const takenWithinMs = 3000

/** A message that nobody consumed: its consumer is missing. */
function untaken(scene: Scene): Reason[] {
  const { ended } = scene.recording
  const sent = scene.messages.filter(
    (one): one is Message =>
      one.kind === 'publish' && (one.rpc === 'call' || one.rpc === 'cast') && concerns(scene, one),
  )
  return sent
    .filter(({ at }) => ended - at > takenWithinMs)
    .filter((one) => !scene.messages.some((other) => other.kind === 'deliver' && sameMessage(one, other)))
    .map((one) => ({
      at: one.at,
      says: `${one.method} (RPC ${one.rpc}) is still in the queue ${one.key}: no consumer took it`,
      evidence: one.evidence,
    }))
}

/** A call answered with an error, or not answered yet. */
function failedCalls(scene: Scene): Reason[] {
  return scene.messages.flatMap((one): Reason[] => {
    if (one.kind !== 'publish' || one.rpc !== 'call' || !concerns(scene, one)) return []
    const reply = replyTo(scene, one)
    if (!reply?.failure) return []
    return [{ at: reply.at, says: `${one.method} was answered with ${reply.failure}`, evidence: reply.evidence }]
  })
}

/** 404 and 409 are ordinary answers between services: not there yet, or just changed by somebody else. */
function refusals(scene: Scene): Reason[] {
  return scene.requests.flatMap((one): Reason[] => {
    const { answer } = one
    if (!answer || answer.status < 400 || [404, 409].includes(answer.status) || !isOurs(scene, one)) return []
    return [
      {
        at: answer.at,
        says: `${one.to.unit} answered ${one.method} ${one.path} with ${answer.status}`,
        evidence: answer.evidence,
      },
    ]
  })
}

function errorLines(scene: Scene): Reason[] {
  const { globalRequest, requests, instance } = scene.ids
  const ours = ['ERROR', 'CRITICAL']
  return (
    scene.logs
      .filter(
        ({ level, requestIds, message }) =>
          ours.includes(level) &&
          (requestIds.some((id) => id === globalRequest || requests.includes(id)) ||
            (instance !== undefined && message.includes(instance))),
      )
      // nova-compute's report to Placement sometimes conflicts with the scheduler's claim, and is repeated.
      .filter(({ message }) => !message.includes('Failed to update inventory'))
      .map(({ at, by, message, evidence }) => ({ at, says: `${by.unit}: ${message.slice(0, 300)}`, evidence }))
  )
}

const byTime = (left: { at: number }, right: { at: number }) => left.at - right.at

/** The step that nobody took up, else the last one. */
function lastStep(seen: readonly TraceStep[], reasons: readonly Reason[]): Stop['after'] {
  const stuck = seen.find(({ evidence }) =>
    reasons.some((reason) => reason.evidence.line === evidence.line && reason.evidence.file === evidence.file),
  )
  const last = seen.toSorted((left, right) => left.atMs - right.atMs).at(-1)
  return (stuck ?? last)?.textStep ?? null
}

/** Undefined for a launch that ended ACTIVE with no message left in a queue. */
export function readStop(scene: Scene, seen: readonly TraceStep[]): Stop | undefined {
  const { server, source } = scene.recording
  const left = untaken(scene)
  if (server.status === 'ACTIVE' && left.length === 0) return undefined
  if (source === 'logs' && server.status !== 'ERROR') return undefined
  const others = server.status === 'ACTIVE' ? [] : [...refusals(scene), ...failedCalls(scene), ...errorLines(scene)]
  const reasons = [...left, ...others].sort(byTime)
  const words = [
    server.status === 'BUILD'
      ? 'the instance is still being built'
      : `the ${isLaunch(scene.recording) ? 'instance' : 'floating IP'} is ${server.status}`,
    ...(server.fault ? [server.fault.trim()] : []),
    ...reasons.slice(0, 4).map(({ says }) => says),
  ]
  return {
    after: lastStep(seen, left),
    because: words.join('; '),
    evidence: reasons.slice(0, 6).map(({ evidence }) => evidence),
  }
}
