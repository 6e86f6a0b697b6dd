/**
 * A trace as it is shown and as `--json` prints it: the steps that were seen, those that were not, and where it
 * stopped.
 */

import type { Evidence, LaunchIds, Recording } from './evidence.ts'
import type { StepId, StepKind, TextStep } from './text-step.ts'

export type ArrowKind = StepKind | 'cache'

/** One arrow of the sequence. */
export interface TraceStep {
  /** The step of the text; null for what Zed does in addition. */
  textStep: StepId | null
  /** Milliseconds since the client began. */
  atMs: number
  /** `unit@node` */
  from: string
  to: string
  kind: ArrowKind
  /** For everything that passes the message queue: a call waits for its answer, a cast does not. */
  rpc?: 'call' | 'cast' | 'reply'
  /** What was asked or said, in one line. */
  what: string
  /** Milliseconds until the answer, if there was one. */
  tookMs?: number
  evidence: Evidence
  /** Further evidence of the same step. */
  more?: Evidence[]
  /** What Zed does differently from the text. */
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

/** All requests of one kind to one service: how many, and their total time. */
export interface ServiceTime {
  service: string
  kind: 'REST' | 'RPC call'
  count: number
  tookMs: number
}

/** For a launch that failed: how far it got, and what shows the reason. */
export interface Stop {
  /** The latest of the text's steps. */
  after: StepId | null
  because: string
  evidence: Evidence[]
}

export interface Trace {
  id: string
  source: Recording['source']
  about?: NonNullable<Recording['about']>
  server: Recording['server']
  drill?: string
  /** When the client began, ISO 8601. */
  began: string
  tookMs: number
  ids: LaunchIds
  /** Packets that the recorders lost, on all nodes. */
  lost: number
  steps: TraceStep[]
  notSeen: NotSeen[]
  durations: Duration[]
  services: ServiceTime[]
  stop?: Stop
}
