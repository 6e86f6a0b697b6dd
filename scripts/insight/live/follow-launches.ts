/** Each launch that was seen, read again and again while the instance is built: as a trace that grows. */

import type { CloudClient } from '../../cloud/client.ts'
import type { Lab } from '../../declaration/lab.ts'
import { collectRows } from '../trace/collect.ts'
import type { RecordedFile, Recording } from '../trace/evidence.ts'
import { traceOf } from '../trace/flow.ts'
import { readLaunchIds, rowsOf } from '../trace/launch-ids.ts'
import { diagramOf } from '../trace/render-page.ts'
import { stepsOf } from '../trace/story.ts'
import type { Trace } from '../trace/trace.ts'
import type { SeenLaunch } from './launches.ts'
import type { ShownLaunch } from './protocol.ts'
import type { RecordedLines } from './recorded-lines.ts'

/** In milliseconds at native speed. */
const times = {
  /** Between two readings of the same launch, if they are few. */
  pause: 1200,
  /** Between any two: each asks the databases. */
  shortestPause: 400,
  /** What comes after ACTIVE still belongs to a launch: the last rows; on a project network, the request for metadata. */
  after: 4000,
  afterOnProjectNetwork: 45_000,
  /** A launch that has not ended by then is followed no more. */
  longest: 600_000,
  /** The request comes before nova-api writes down that there is an instance: on a busy machine, long before. */
  before: 60_000,
}

export interface Surroundings {
  lab: Lab
  lines: RecordedLines
  cloud(): Promise<CloudClient>
  clockOffsets(): Readonly<Record<string, number>>
  /** The router of a project network, if it has one. */
  routerOf(network: string): string | undefined
  show(launch: ShownLaunch): void
  /** Once for each launch, at its end. */
  keep(recording: Recording): void
}

interface Followed extends SeenLaunch {
  /** On this host's clock. */
  seenAt: number
  name: string
  fault?: string
  /** Of the databases, as they were read last. */
  rows: RecordedFile[]
  isReading: boolean
  /** When the rows first said that the instance is ACTIVE or has failed, and how often they were read since then. */
  endedAt?: number
  readAfter: number
}

export function shownLaunch(trace: Trace, ended: boolean): ShownLaunch {
  const { id, server, began, tookMs, notSeen, source, stop } = trace
  // What a launch waits for is known after a while; before, each of its messages is still on its way.
  const isStuck = stop && (ended || server.status === 'ERROR' || (stop.evidence.length > 0 && tookMs > 10_000))
  const of = stepsOf({ about: trace.about }).length
  return { id, server, began, tookMs, source, ...diagramOf(trace), notSeen, of, ended, ...(isStuck ? { stop } : {}) }
}

/** As Nova's tables say it; a row in cell0 is of an instance that no host could take. */
function stateOf(rows: readonly RecordedFile[]): { status: string; host?: string } {
  const [row] = rowsOf(rows, 'nova.instances')
  if (!row) return { status: rowsOf(rows, 'nova_cell0.instances').length ? 'ERROR' : 'BUILD' }
  const host = row['host'] && row['host'] !== 'NULL' ? { host: row['host'] } : {}
  const words: Readonly<Record<string, string>> = { active: 'ACTIVE', error: 'ERROR', building: 'BUILD' }
  return { status: words[row['vm_state'] ?? ''] ?? (row['vm_state'] ?? 'BUILD').toUpperCase(), ...host }
}

async function describe(around: Surroundings, launch: Followed): Promise<void> {
  const cloud = await around.cloud()
  const found = await cloud.get<{ server: { name: string; fault?: { message: string } } }>(
    'compute',
    `/servers/${launch.instance}`,
    { allow: [404] },
  )
  if (!found) return
  launch.name = found.server.name
  if (found.server.fault) launch.fault = found.server.fault.message
}

/** In the background: what is known already is shown meanwhile. */
async function readRows(around: Surroundings, launch: Followed): Promise<void> {
  if (launch.isReading) return
  launch.isReading = true
  try {
    launch.rows = await collectRows(around.lab, launch.instance)
    const { status } = stateOf(launch.rows)
    if (launch.endedAt !== undefined) launch.readAfter += 1
    if (status !== 'BUILD') launch.endedAt ??= Date.now()
    if (!launch.name || (status === 'ERROR' && !launch.fault)) await describe(around, launch)
  } catch {
    // A node that is silent for a moment is asked again in the next round.
  } finally {
    launch.isReading = false
  }
}

function recordingOf(around: Surroundings, launch: Followed): Recording {
  const { lab, lines } = around
  const { instance, globalRequest, seenAt, began, requests, rows } = launch
  const { status, host } = stateOf(rows)
  const files = [...lines.since(seenAt - times.before), ...rows]
  const network = rowsOf(rows, 'neutron.ports')[0]?.['network_id']
  const router = network ? around.routerOf(network) : undefined
  const known = { instance, ...(globalRequest ? { globalRequest } : {}), ...(router ? { router } : {}) }
  const ids = readLaunchIds(files, known)
  return {
    source: 'launch',
    ...(router ? { about: 'project-network' as const } : {}),
    id: instance.slice(0, 8),
    server: {
      id: instance,
      name: launch.name || `instance ${instance.slice(0, 8)}`,
      status,
      ...(host ? { host } : {}),
      ...(launch.fault ? { fault: launch.fault } : {}),
    },
    ids: { ...ids, requests: [...new Set([...requests, ...ids.requests])] },
    began,
    ended: Date.now(),
    lost: {},
    clockOffsets: around.clockOffsets(),
    nodes: lab.nodes.map(({ name, address, roles }) => ({ name, address, roles })),
    files,
  }
}

export interface Follower {
  follow(launch: SeenLaunch): void
  /** How many are being built now. */
  active(): number
  stop(): void
}

export function followLaunches(around: Surroundings): Follower {
  const launches = new Set<Followed>()
  const scale = around.lab.timeScale
  let timer: NodeJS.Timeout | undefined

  function look(launch: Followed): void {
    void readRows(around, launch)
    const recording = recordingOf(around, launch)
    const trace = traceOf(recording)
    const waits = recording.about && trace.notSeen.length > 0 && recording.server.status === 'ACTIVE'
    const after = (waits ? times.afterOnProjectNetwork : times.after) * scale
    const isOver =
      Date.now() - launch.seenAt > times.longest * scale ||
      (launch.endedAt !== undefined && launch.readAfter > 0 && Date.now() - launch.endedAt > after)
    around.show(shownLaunch(trace, isOver))
    if (!isOver) return
    launches.delete(launch)
    around.keep(recording)
  }

  /** One launch after the other: with many at once, the page and the nodes are still served in between. */
  function round(): void {
    const began = performance.now()
    const [launch] = launches
    if (launch) {
      // To the end of the queue.
      launches.delete(launch)
      launches.add(launch)
      look(launch)
    }
    const oldest = Math.min(Date.now(), ...[...launches].map(({ seenAt }) => seenAt))
    around.lines.forget(oldest - times.before)
    const took = performance.now() - began
    // A processor is never kept busy.
    const pause = Math.max(times.shortestPause, times.pause / Math.max(1, launches.size), 2 * took)
    timer = setTimeout(round, pause)
  }
  round()
  return {
    follow: (launch) =>
      void launches.add(
        Object.assign(launch, { seenAt: Date.now(), name: '', rows: [], isReading: false, readAfter: 0 }),
      ),
    active: () => launches.size,
    stop() {
      clearTimeout(timer)
    },
  }
}
