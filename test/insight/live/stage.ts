/** A live page with recorded data: a large lab, traffic, and a launch that grows. */

import { shownLaunch } from '../../../scripts/insight/live/follow-launches.ts'
import type { Answer, LiveEvent, LiveStatus, Question, Rate } from '../../../scripts/insight/live/protocol.ts'
import { type LiveServer, serveLive } from '../../../scripts/insight/live/server.ts'
import type { Machine, Topology } from '../../../scripts/insight/topology/model.ts'
import { traceOf } from '../../../scripts/insight/trace/flow.ts'
import { longNames } from '../topology/classroom.ts'
import { selfService } from '../topology/recording.ts'
import { readRecording } from '../trace/recording.ts'

const [host, controller, compute] = selfService.topology.machines as [Machine, Machine, Machine]

/** The recorded lab with more computes, and instances spread over them. */
export function largeTopology(computes: number, names: readonly string[] = longNames(20)): Topology {
  const { topology } = selfService
  const tap = compute.interfaces.find(({ name }) => name.startsWith('tap'))!
  const port = topology.ports.find(({ device }) => device === compute.instances[0]?.id)!
  const nodes = Array.from({ length: computes }, (_, index): Machine => {
    const own = names.flatMap((name, number) => (number % computes === index ? [{ name, number }] : []))
    const tapOf = (number: number) => `tap${(0xabc00000 + number).toString(16)}-7f`
    return {
      ...compute,
      name: `compute${index + 1}`,
      interfaces: [
        ...compute.interfaces.filter(({ name }) => !name.startsWith('tap')),
        ...own.map(({ number }) => ({ ...tap, name: tapOf(number), index: 200 + number })),
      ],
      chains: own.flatMap(({ number }) =>
        compute.chains.map((chain) => ({ ...chain, port: tapOf(number).slice(3, 13) })),
      ),
      instances: own.map(({ name, number }) => ({
        ...compute.instances[0]!,
        ...{ id: `${(0xabc00000 + number).toString(16)}-7f00-4000-8000-000000000000`, name },
        domain: `instance-${String(number).padStart(8, '0')}`,
        state: number === 3 ? 'shut-off' : 'running',
        interfaces: [{ ...compute.instances[0]!.interfaces[0]!, tap: tapOf(number) }],
      })),
    }
  })
  const machines = [{ ...host, interfaces: host.interfaces }, controller, ...nodes]
  const cables = topology.cables.flatMap((cable) => {
    const isOf = (name: string) => cable.from.machine === name || cable.to.machine === name
    if (!isOf('compute1')) return [cable]
    const rename = (end: typeof cable.from, name: string) =>
      end.machine === 'compute1' ? { ...end, machine: name } : end
    return nodes.map(({ name }) => ({ ...cable, from: rename(cable.from, name), to: rename(cable.to, name) }))
  })
  const ports = nodes.flatMap(({ instances }) =>
    instances.map(({ id }, index) => ({ ...port, id, device: id, addresses: [`192.168.100.${index + 10}`] })),
  )
  return { ...topology, machines, cables, ports: [...topology.ports, ...ports] }
}

export function largeStatus(topology: Topology): LiveStatus {
  return {
    healthy: false,
    troubles: [
      {
        id: 'agents/compute7',
        what: 'network agent on compute7',
        seen: 'Linux bridge agent: last heard of 4 minutes ago',
        next: './lab ssh compute7 journalctl -u neutron-linuxbridge-agent -n 50 --no-pager',
        ofUser: false,
      },
    ],
    nodes: topology.machines
      .slice(1)
      .map(({ name, roles }) => ({ name, roles, state: 'running', memoryMiB: 4096, usedMiB: 2100, load: 0.7 })),
    instances: topology.machines.flatMap(({ name: on, instances }) =>
      instances.map(({ id, name }) => ({
        id,
        name,
        own: false,
        status: 'ACTIVE',
        address: '192.168.100.10',
        host: on,
        created: '2026-11-24T06:00:00Z',
      })),
    ),
    endpoints: 7,
    agents: 12,
  }
}

/** Some traffic on every interface, the same in each run. */
export function someRates({ machines }: Topology, beat: number): LiveEvent {
  const rate = (text: string): Rate => {
    const number = [...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 9973, beat + 7)
    return number % 5 === 0 ? [0, 0] : [number * (number % 40), number * (number % 7)]
  }
  const rates = Object.fromEntries(
    machines.map(({ name, interfaces }) => [
      name,
      Object.fromEntries(
        interfaces.filter(({ namespace }) => !namespace).map((one) => [one.name, rate(name + one.name)]),
      ),
    ]),
  )
  return { kind: 'rates', key: 'rates', rates }
}

/** The recorded launch as it was known after so many milliseconds; complete without. */
export function launchAfter(milliseconds?: number, recorded = 'launch'): LiveEvent {
  const trace = traceOf(readRecording(recorded))
  const isWhole = milliseconds === undefined
  const { stop, ...rest } = trace
  const steps = isWhole ? trace.steps : trace.steps.filter(({ atMs }) => atMs <= milliseconds)
  const server = isWhole ? trace.server : { ...trace.server, status: 'BUILD' }
  const part = { ...rest, server, steps, tookMs: milliseconds ?? trace.tookMs, ...(isWhole && stop ? { stop } : {}) }
  return { kind: 'launch', key: `launch ${trace.id}`, launch: shownLaunch(part, isWhole) }
}

export interface Stage {
  live: LiveServer
  watched: boolean[]
  questions: Question[]
}

export async function openStage(answer: (question: Question) => Answer): Promise<Stage> {
  const watched: boolean[] = []
  const questions: Question[] = []
  const live = await serveLive({
    lab: { id: '1a2b3c4d', name: 'duostack' },
    onWatched: (isWatched) => void watched.push(isWatched),
    onSwap: () => {},
    async ask(question) {
      questions.push(question)
      return answer(question)
    },
  })
  return { live, watched, questions }
}
