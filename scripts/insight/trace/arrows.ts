/** How one observation is drawn as an arrow: sender, receiver, protocol and label. */

import { cut } from '../../terminal/cut.ts'
import type { Message, Observation, Party, RestRequest } from './evidence.ts'
import { replyTo, type Scene } from './scene.ts'
import type { ArrowKind, TraceStep } from './trace.ts'

const nameOf = ({ unit, node }: Party) => `${unit}@${node}`

type Arrow = Omit<TraceStep, 'textStep' | 'atMs'>

const rpcWords = {
  call: 'RPC call',
  cast: 'RPC cast',
  fanout: 'RPC cast to all',
  reply: 'answer to an RPC call',
} as const

const isMessage = (one: Observation): one is Message => one.kind === 'publish' || one.kind === 'deliver'

function messageArrow(scene: Scene, message: Message): Arrow {
  const subject = [message.method, message.object && `(${message.object})`].filter(Boolean).join(' ') || 'answer'
  const where = message.exchange.endsWith('_fanout') ? message.exchange : message.key
  const reply = message.kind === 'publish' ? replyTo(scene, message) : undefined
  const failure = message.failure ? `, failed: ${message.failure}` : ''
  const taken = message.kind === 'deliver'
  const published: Record<Message['rpc'], ArrowKind> = {
    call: 'RPC call',
    cast: 'RPC cast',
    fanout: 'RPC cast',
    reply: 'RPC reply',
  }
  return {
    from: nameOf(message.from),
    to: nameOf(message.to),
    kind: taken ? 'queue' : published[message.rpc],
    rpc: message.rpc === 'fanout' ? 'cast' : message.rpc,
    what: taken
      ? `takes ${subject} from the queue ${where} (${rpcWords[message.rpc]})${failure}`
      : `${subject} to the queue ${where} (${rpcWords[message.rpc]})${failure}`,
    ...(reply ? { tookMs: reply.at - message.at } : {}),
    evidence: message.evidence,
  }
}

function requestArrow(request: RestRequest): Arrow {
  const { answer } = request
  return {
    from: nameOf(request.from),
    to: nameOf(request.to),
    kind: 'REST',
    what: `${request.method} ${request.path}${answer ? `, answered with ${answer.status}` : ', no answer seen'}`,
    ...(answer ? { tookMs: answer.at - request.at } : {}),
    evidence: request.evidence,
  }
}

/** Log lines are what a process says about itself. */
const logKinds: Readonly<Record<string, ArrowKind>> = { dnsmasq: 'dnsmasq', libvirtd: 'libvirt' }

export function drawArrow(scene: Scene, one: Observation): Arrow {
  if (isMessage(one)) return messageArrow(scene, one)
  if (one.kind === 'request') return requestArrow(one)
  const { evidence } = one
  if (one.kind === 'row') {
    const table = `mariadb@${evidence.node}`
    return { from: table, to: table, kind: 'SQL', what: `the row in ${one.table}, as it is now`, evidence }
  }
  if (one.kind === 'log' || one.kind === 'link') {
    const by = nameOf(one.by)
    if (one.kind === 'link' && one.entry) {
      return { from: by, to: by, kind: 'kernel', what: `${one.name}: ${one.entry}`, evidence }
    }
    const kind = one.kind === 'link' ? 'libvirt' : (logKinds[one.by.unit] ?? 'log')
    const what =
      one.kind === 'link'
        ? `${one.name}${one.master ? ` is in the bridge ${one.master}` : ` is ${one.message}`}`
        : one.message
    return { from: by, to: by, kind, what: cut(what, 200), evidence }
  }
  const ends = { from: nameOf(one.from), to: nameOf(one.to), evidence }
  if (one.kind === 'answer') {
    const size = one.bytes ? `, ${one.bytes} bytes` : ''
    return { ...ends, kind: 'REST', what: `${one.status} to ${one.question}${size}` }
  }
  if (one.kind === 'cache') {
    return { ...ends, kind: 'cache', what: `${one.key} ${one.hit ? 'found' : 'not found'}` }
  }
  return { ...ends, kind: 'SQL', what: cut(one.sql, 120) }
}
