/** What the two halves of the live view say to each other, and to the page: one JSON document on each line. */

import type { Status } from '../../health/status/status.ts'
import type { Observation } from '../../run/check.ts'
import type { Lane } from '../trace/lanes.ts'
import type { NotSeen, Trace, TraceStep } from '../trace/trace.ts'
import type { Picture } from './picture.ts'

/** Bytes per second: received and sent by the interface. */
export type Rate = readonly [received: number, sent: number]

export interface ShownStep extends TraceStep {
  name: string
  text: string | null
  source: string
}

export interface ShownLaunch extends Pick<Trace, 'id' | 'server' | 'began' | 'tookMs' | 'stop' | 'source'> {
  lanes: Lane[]
  steps: ShownStep[]
  notSeen: NotSeen[]
  /** How many steps the textbook has for it. */
  of: number
  /** Nothing more will be added. */
  ended: boolean
}

/** What happens by itself. The last one of each `key` is shown to a page that comes later. */
export type LiveEvent =
  | { kind: 'topology'; key: string; picture: Picture }
  | { kind: 'status'; key: string; status: LiveStatus; at: number }
  | { kind: 'rates'; key: string; rates: Readonly<Record<string, Readonly<Record<string, Rate>>>> }
  | { kind: 'launch'; key: string; launch: ShownLaunch }
  /** What could not be read: a node that does not answer; empty when it can be read again. */
  | { kind: 'trouble'; key: string; part: string; text: string }

/** Of the status what the page shows. */
export interface LiveStatus extends Pick<Status, 'healthy' | 'troubles'> {
  nodes: Pick<Status['nodes'][number], 'name' | 'roles' | 'state' | 'memoryMiB' | 'usedMiB' | 'load' | 'silent'>[]
  instances: NonNullable<Status['cloud']>['instances']
  endpoints: number
  agents: number
}

export interface ShownLine {
  at: number
  node: string
  from: string
  level: string
  text: string
}

/** What a page can ask for. */
export type Question =
  | { what: 'logs'; node?: string; instance?: string; level?: string }
  | { what: 'console'; instance: string }
  | { what: 'path'; instance: string }
  | { what: 'launch'; instance: string }

export type Answer =
  | { lines: ShownLine[] }
  | { url: string }
  | { hops: Pick<Observation, 'id' | 'what' | 'ok' | 'seen' | 'next'>[] }
  | { launch: string }
  | { error: string }

/** To the half inside the lab. */
export type Order = { watch: boolean } | { ask: number; question: Question }

/** From it. */
export type Report = LiveEvent | { answer: number; content: Answer }

const isWord = (value: unknown): value is string => typeof value === 'string' && value.length > 0 && value.length <= 255

/** A page's question as it was sent; undefined if it is none. */
export function parseQuestion(text: string): Question | undefined {
  let asked: unknown
  try {
    asked = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof asked !== 'object' || asked === null) return undefined
  const { what, instance, node, level } = asked as Record<string, unknown>
  if (what === 'console' || what === 'path' || what === 'launch')
    return isWord(instance) ? { what, instance } : undefined
  if (what !== 'logs') return undefined
  return {
    what,
    ...(isWord(node) ? { node } : {}),
    ...(isWord(instance) ? { instance } : {}),
    ...(isWord(level) ? { level } : {}),
  }
}

/** Calls `take` with each line of a stream, as a document; what is no document is left out. */
export async function readDocuments<T>(lines: AsyncIterable<unknown>, take: (document: T) => void): Promise<void> {
  for await (const line of lines) {
    let document: T
    try {
      document = JSON.parse(String(line)) as T
    } catch {
      continue
    }
    take(document)
  }
}
