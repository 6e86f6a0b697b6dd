/** The observations of one launch, and the queries that the search for its steps uses. */

import type {
  CacheLookup,
  LaunchIds,
  LinkChange,
  LogLine,
  Message,
  Observation,
  Recording,
  RestRequest,
  Row,
  Statement,
} from './evidence.ts'
import { readObservations } from './observations.ts'

export interface Scene {
  recording: Recording
  ids: LaunchIds
  all: readonly Observation[]
  requests: readonly RestRequest[]
  lookups: readonly CacheLookup[]
  messages: readonly Message[]
  statements: readonly Statement[]
  logs: readonly LogLine[]
  links: readonly LinkChange[]
  rows: readonly Row[]
}

export function openScene(recording: Recording): Scene {
  const all = readObservations(recording)
  const of = <K extends Observation['kind']>(...kinds: K[]) =>
    all.filter((one): one is Extract<Observation, { kind: K }> => (kinds as string[]).includes(one.kind))
  return {
    recording,
    ids: recording.ids,
    all,
    requests: of('request'),
    lookups: of('cache'),
    messages: of('publish', 'deliver'),
    statements: of('sql'),
    logs: of('log'),
    links: of('link'),
    rows: of('row'),
  }
}

/**
 * A REST request with the launch's own request id: the client's, or the one that nova-api gave it. Most clients send
 * none, and are then given it with the answer.
 */
export function isOurs({ ids }: Scene, { requestId, answer }: RestRequest): boolean {
  if (requestId === undefined) return answer?.requestId !== undefined && ids.requests.includes(answer.requestId)
  return requestId === ids.globalRequest || ids.requests.includes(requestId)
}

/** A message of the launch: it contains its request id, or an id of the instance, a port or a volume. */
export function concerns({ ids }: Scene, message: Message): boolean {
  const requests = [message.requestId, message.globalRequestId]
  if (requests.some((id) => id !== undefined && (id === ids.globalRequest || ids.requests.includes(id)))) return true
  return message.ids.some((id) => id === ids.instance || ids.ports.includes(id))
}

/** The first of a list after a given time. */
export function firstAfter<T extends Observation>(
  list: readonly T[],
  after: Observation | undefined,
  accept: (one: T) => boolean,
): T | undefined {
  if (!after) return undefined
  return list.find((one) => one.at >= after.at && accept(one))
}

/** The same message again when it leaves the queue, or the answer to a call. */
export const sameMessage = (left: Message, right: Message) =>
  left.uniqueId !== undefined && left.uniqueId === right.uniqueId

export function deliveryOf(scene: Scene, sent: Message | undefined, to?: string): Message | undefined {
  if (!sent) return undefined
  return scene.messages.find((one) => one.kind === 'deliver' && sameMessage(one, sent) && (!to || one.to.unit === to))
}

export function replyTo(scene: Scene, call: Message | undefined): Message | undefined {
  if (!call?.messageId) return undefined
  return scene.messages.find(
    (one) =>
      one.kind === 'publish' && one.rpc === 'reply' && one.messageId === call.messageId && one.key === call.replyQueue,
  )
}
