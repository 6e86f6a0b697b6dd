/**
 * Turns the recorder's wire.log into observations: requests with their answers, messages, SQL statements, cache
 * look-ups.
 */

import type {
  CacheLookup,
  Evidence,
  Message,
  Observation,
  Party,
  RecordedFile,
  RestAnswer,
  RestRequest,
} from './evidence.ts'

/** One line of wire.log. */
export interface WireLine {
  n: number
  /** Seconds since 1970. */
  t: number
  kind: 'request' | 'answer' | 'cache' | 'cached' | 'sql' | 'publish' | 'deliver' | 'consume'
  from: string
  to: string
  of?: number
  [field: string]: unknown
}

/** Makes a party from `nova-api[1234]`, `keystone` or `10.0.0.31:41234`. */
export type Naming = (text: string, at: number) => Party

interface Frame {
  at: number
  from: Party
  to: Party
  evidence: Evidence
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
const ids = (value: unknown) => (Array.isArray(value) ? value.map(String) : [])

/** Leaves out absent fields, so that the observation contains only what the line says. */
function known<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}

export function parseWireLine(line: string): WireLine | undefined {
  try {
    const parsed = JSON.parse(line) as WireLine
    return typeof parsed.n === 'number' && typeof parsed.t === 'number' ? parsed : undefined
  } catch {
    // The last line of a killed recorder may be incomplete.
    return undefined
  }
}

/** A call waits for its answer and therefore names a reply queue; an answer has no method. */
function rpcOf(line: Readonly<Record<string, unknown>>): Message['rpc'] {
  if (!line['method']) return 'reply'
  if (line['msg_id']) return 'call'
  return String(line['exchange']).endsWith('_fanout') ? 'fanout' : 'cast'
}

function readMessage(line: WireLine, frame: Frame): Message | undefined {
  // Without oslo.messaging's envelope it is not a message of the services.
  if (!line['method'] && !line['msg_id']) return undefined
  return {
    kind: line.kind as 'publish' | 'deliver',
    ...frame,
    exchange: String(line['exchange'] ?? ''),
    key: String(line['key'] ?? ''),
    rpc: rpcOf(line),
    ids: ids(line['ids']),
    ...known({
      method: text(line['method']),
      object: text(line['object']),
      messageId: text(line['msg_id']),
      replyQueue: text(line['reply_q']),
      uniqueId: text(line['unique_id']),
      requestId: text(line['request_id']),
      globalRequestId: text(line['global_request_id']),
      failure: text(line['failure']),
    }),
  }
}

function readRequest(line: WireLine, frame: Frame): RestRequest {
  return {
    kind: 'request',
    ...frame,
    method: String(line['method']),
    path: String(line['path']),
    ...known({
      requestId: text(line['request_id']),
      token: text(line['token']),
      subject: text(line['subject']),
      serviceToken: text(line['service_token']),
      body: text(line['body']),
    }),
  }
}

function readAnswer(line: WireLine, frame: Frame, request: RestRequest): RestAnswer {
  const bytes = typeof line['bytes'] === 'number' ? line['bytes'] : undefined
  return {
    kind: 'answer',
    ...frame,
    question: `${request.method} ${request.path}`,
    status: Number(line['status']),
    ...known({ requestId: text(line['request_id']), bytes }),
  }
}

/** In the file's order; an answer is stored with its request, a cache hit or miss with its look-up. */
export function parseWire(file: RecordedFile, nameOf: Naming): Observation[] {
  const asked = new Map<number, RestRequest | CacheLookup>()
  return file.lines.flatMap((raw, index): Observation[] => {
    const line = parseWireLine(raw)
    if (!line) return []
    const at = line.t * 1000
    const frame: Frame = {
      at,
      from: nameOf(line.from, at),
      to: nameOf(line.to, at),
      evidence: { node: file.node, file: file.file, line: file.numbers?.[index] ?? file.first + index, text: raw },
    }
    if (line.kind === 'request') {
      const request = readRequest(line, frame)
      asked.set(line.n, request)
      return [request]
    }
    if (line.kind === 'cache') {
      const lookup: CacheLookup = { kind: 'cache', ...frame, key: String(line['key']) }
      asked.set(line.n, lookup)
      return [lookup]
    }
    if (line.kind === 'publish' || line.kind === 'deliver')
      return [readMessage(line, frame)].filter((one) => one !== undefined)
    if (line.kind === 'sql') return [{ kind: 'sql', ...frame, sql: String(line['sql']), ids: ids(line['ids']) }]
    complete(asked.get(line.of ?? -1), line, frame)
    return []
  })
}

function complete(question: RestRequest | CacheLookup | undefined, line: WireLine, frame: Frame): void {
  if (question?.kind === 'request' && line.kind === 'answer') question.answer = readAnswer(line, frame, question)
  if (question?.kind === 'cache' && line.kind === 'cached') question.hit = line['hit'] === true
}
