/**
 * A trace as it is shown and as `--json` prints it: the steps that were seen, those that were not, and where it
 * stopped.
 */

import type { Evidence, LaunchIds, Recording } from './evidence.ts'
import type { StepId, StepKind, TextStep } from './text-step.ts'

export type ArrowKind = StepKind | 'cache' | 'log'

/** One arrow of the sequence. */
export interface TraceStep {
  /** Which of the text's steps it is; null for what Zed does beyond the text. */
  textStep: StepId | null
  /** Milliseconds since the client began. */
  atMs: number
  /** `unit@node` */
  from: string
  to: string
  kind: ArrowKind
  /** For all that passes the message queue: a call waits for its answer, a cast does not. */
  rpc?: 'call' | 'cast' | 'reply'
  /** What was asked or said, in one line. */
  what: string
  /** Milliseconds until the answer, where there was one. */
  tookMs?: number
  evidence: Evidence
  /** What else shows the same step. */
  more?: Evidence[]
  /** What Zed does otherwise than the text. */
  zed?: TextStep['zed']
}

export interface NotSeen {
  textStep: StepId
  text: string
  reason: string
}

export interface Duration {
  name: string
  fromMs: number
  tookMs: number
}

/** All requests of one kind to one service: how often, and how long together. */
export interface ServiceTime {
  service: string
  kind: 'REST' | 'RPC call'
  count: number
  tookMs: number
}

/** Of a launch that did not end well: how far it came, and what says why. */
export interface Stop {
  /** The last of the text's steps, in time. */
  after: StepId | null
  because: string
  evidence: Evidence[]
}

export interface Trace {
  id: string
  source: Recording['source']
  server: Recording['server']
  drill?: string
  /** When the client began, ISO 8601. */
  began: string
  tookMs: number
  ids: LaunchIds
  /** Packets that the recorder lost, over all nodes. */
  lost: number
  steps: TraceStep[]
  notSeen: NotSeen[]
  durations: Duration[]
  services: ServiceTime[]
  stop?: Stop
}
