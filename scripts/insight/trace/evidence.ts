/** What a trace consists of: single observations, each with the line on a node that proves it. */

/** Where to find the observation again. */
export interface Evidence {
  node: string
  /** A path on the node, `journal:TAG`, or `mariadb:DATABASE.TABLE`. */
  file: string
  /** Line of the file, starting at 1; for a table or the journal, the position in the answer. */
  line: number
  text: string
}

/** Who sends or receives: a unit on a node, or the client on this host. */
export interface Party {
  /** systemd unit (`nova-api`), `client`, or an address without a known process. */
  unit: string
  node: string
}

interface Observed {
  /** Milliseconds since 1970. */
  at: number
  evidence: Evidence
}

interface Sent extends Observed {
  from: Party
  to: Party
}

export interface RestRequest extends Sent {
  kind: 'request'
  method: string
  path: string
  /** The id that the caller sent along: the same through the whole launch. */
  requestId?: string
  token?: string
  /** The token to be validated. */
  subject?: string
  /** A service's own token, sent along when it acts for the user. */
  serviceToken?: string
  body?: string
  answer?: RestAnswer
}

export interface RestAnswer extends Sent {
  kind: 'answer'
  /** What was asked: `GET /v2/images/…/file`. */
  question: string
  status: number
  /** The id that the service gave this one request. */
  requestId?: string
  bytes?: number
}

export interface CacheLookup extends Sent {
  kind: 'cache'
  key: string
  hit?: boolean
}

/** A message entering or leaving a queue. */
export interface Message extends Sent {
  kind: 'publish' | 'deliver'
  exchange: string
  key: string
  /** Absent in an answer. */
  method?: string
  /** What Nova's conductor is asked to do: `Instance.save`. */
  object?: string
  /** A call waits for its answer, a cast does not; the message itself shows which it is. */
  rpc: 'call' | 'cast' | 'fanout' | 'reply'
  messageId?: string
  replyQueue?: string
  uniqueId?: string
  requestId?: string
  globalRequestId?: string
  failure?: string
  ids: readonly string[]
}

export interface Statement extends Sent {
  kind: 'sql'
  sql: string
  ids: readonly string[]
}

/** One line of a service's own log. */
export interface LogLine extends Observed {
  kind: 'log'
  by: Party
  level: string
  message: string
  requestIds: readonly string[]
}

/** A network interface that appeared, disappeared, or was put into a bridge. */
export interface LinkChange extends Observed {
  kind: 'link'
  by: Party
  name: string
  master?: string
  message: string
  /** An entry of VXLAN, an address or a NAT rule that appeared (`+`) or disappeared; `name` is then `vxlan` or the namespace. */
  entry?: string
}

/** A row of a table after the launch; its time is when it was created or last changed. */
export interface Row extends Observed {
  kind: 'row'
  table: string
  columns: Readonly<Record<string, string>>
}

export type Observation = RestRequest | RestAnswer | CacheLookup | Message | Statement | LogLine | LinkChange | Row

/** The lines collected from one file of one node. */
export interface RecordedFile {
  node: string
  file: string
  /** Number of the first of `lines` in the file. */
  first: number
  /** For lines selected from a file: the number of each. */
  numbers?: readonly number[]
  lines: readonly string[]
}

/** Everything that one trace collected, and the launch it belongs to. */
export interface Recording {
  /** `launch`: recorded while it happened. `logs`: only what the normal logs still say about an earlier launch. */
  source: 'launch' | 'logs'
  /** Absent for a launch on a provider network. */
  about?: 'project-network' | 'floating-ip'
  /** Names the folder on the nodes and in `.lab/traces`. */
  id: string
  server: { id?: string; name: string; status: string; fault?: string; host?: string }
  /** Ids that belong to this launch: request ids, the instance, its ports, volumes and image. */
  ids: LaunchIds
  /** Milliseconds since 1970: when the client began. */
  began: number
  ended: number
  /** Why it was made: the name of a drill, if it was one. */
  drill?: string
  /** Packets that the recorder could not read, by node; 0 means that nothing is missing for that reason. */
  lost: Readonly<Record<string, number>>
  /** Milliseconds by which a node's clock is ahead of the controller's. */
  clockOffsets: Readonly<Record<string, number>>
  nodes: readonly { name: string; address: string; roles: readonly string[] }[]
  files: readonly RecordedFile[]
}

export interface LaunchIds {
  globalRequest?: string
  requests: readonly string[]
  instance?: string
  ports: readonly string[]
  volumes: readonly string[]
  image?: string
  macs: readonly string[]
  /** Only where the recording is about a project network or a floating IP. */
  network?: string
  router?: string
  floatingIp?: string
}
