/** Everything that the live page shows by itself, read for as long as somebody watches. */

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { openCloud } from '../../cloud/client.ts'
import { routerNamespace } from '../../cloud/neutron-names.ts'
import { expectedError } from '../../declaration/errors.ts'
import type { Lab, LabNode } from '../../declaration/lab.ts'
import type { Secrets } from '../../declaration/secret-names.ts'
import { readStatus, type Status } from '../../health/status/status.ts'
import type { NodeStream } from '../../run/node-stream.ts'
import type { Topology } from '../topology/model.ts'
import { readTopology } from '../topology/read.ts'
import { readClockOffsets } from '../trace/collect.ts'
import { saveRecording } from '../trace/store.ts'
import { type Follower, followLaunches } from './follow-launches.ts'
import { keepRecording, type Recorder } from './keep-recording.ts'
import { findLaunches } from './launches.ts'
import { pictureOf } from './picture.ts'
import type { LiveEvent, LiveStatus, Rate } from './protocol.ts'
import { type Reading, ratesOf, shapeOf } from './rates.ts'
import { recordLines } from './recorded-lines.ts'
import { type Repeated, repeat } from './repeat.ts'
import { type Added, watchNode } from './watch-node.ts'

/** In milliseconds. */
const pauses = {
  status: 15_000,
  topology: 60_000,
  rates: 2000,
  /** Until a node that was lost is asked again. */
  lost: 5000,
}

export interface Watched {
  lab: Lab
  secrets: Secrets
  tell(event: LiveEvent): void
}

interface View extends Watched {
  isStopped: boolean
  topology?: Topology
  clockOffsets: Readonly<Record<string, number>>
  rates: Record<string, Record<string, Rate>>
  readings: Map<string, Reading>
  lines: ReturnType<typeof recordLines>
  finder: ReturnType<typeof findLaunches>
}

/** What works on a view at the same time. */
interface Parts {
  launches: Follower
  recorder: Recorder
  topology: Repeated
  status: Repeated
}

/** Characters: the command of a failed step may be a whole script. */
const longestMessage = 400

export function messageOf(error: unknown): string {
  const lines = (expectedError(error) ?? (error as Error)).message.split('\n').slice(0, 3)
  const text = lines.map((line) => line.trim()).join('; ')
  return text.length > longestMessage ? `${text.slice(0, longestMessage - 1)}…` : text
}

/** Says what could not be read, and when it can be read again. */
async function attempt(view: View, part: string, work: () => Promise<void>): Promise<void> {
  const trouble = (text: string) => view.tell({ kind: 'trouble', key: `trouble ${part}`, part, text })
  try {
    await work()
    trouble('')
  } catch (error) {
    if (!view.isStopped) trouble(messageOf(error))
  }
}

function liveStatus({ healthy, troubles, nodes, cloud }: Status): LiveStatus {
  return {
    healthy,
    troubles,
    nodes: nodes.map(({ name, roles, state, memoryMiB, usedMiB, load, silent }) => ({
      ...{ name, roles, state, memoryMiB },
      ...(usedMiB === undefined ? {} : { usedMiB }),
      ...(load === undefined ? {} : { load }),
      ...(silent === undefined ? {} : { silent }),
    })),
    instances: cloud?.instances ?? [],
    endpoints: cloud?.endpoints.filter(({ ok }) => ok).length ?? 0,
    agents: cloud?.agents.filter(({ ok }) => ok).length ?? 0,
  }
}

/** Byte counters of this host's interfaces, in the lab's network. */
function readHostCounters(): Reading {
  const rows = readFileSync('/proc/net/dev', 'utf8').split('\n').slice(2)
  const net = rows.flatMap((row) => {
    const [name = '', ...numbers] = row.replace(':', ' ').trim().split(/\s+/)
    return name ? [[name, [Number(numbers[0]), Number(numbers[8]), 1] as const] as const] : []
  })
  return { t: performance.now() / 1000, net: Object.fromEntries(net) }
}

function count({ rates, readings }: View, machine: string, reading: Reading): void {
  rates[machine] = ratesOf(readings.get(machine), reading)
  readings.set(machine, reading)
}

function take(view: View, parts: Parts, node: string, document: Added | Reading): void {
  if ('net' in document) {
    const before = view.readings.get(node)
    count(view, node, document)
    // A tap that appeared, an interface that went down.
    if (before && shapeOf(before.net) !== shapeOf(document.net)) parts.topology.soon()
    return
  }
  view.lines.add(node, document)
  if (!document.file.endsWith('/wire.log')) return
  for (const launch of view.finder.take(document.lines)) parts.launches.follow(launch)
}

/** Follows a node, again and again if it is lost. */
function watch(view: View, parts: Parts, watchers: Map<string, NodeStream>, node: LabNode): void {
  if (view.isStopped) return
  const watcher = watchNode(view.lab, node, parts.recorder.id, (document) => take(view, parts, node.name, document))
  watchers.set(node.name, watcher)
  void attempt(view, `node ${node.name}`, () => watcher.ended).then(() =>
    setTimeout(() => watch(view, parts, watchers, node), pauses.lost),
  )
}

function startParts(view: View): Parts {
  const { lab, secrets, tell } = view
  const launches = followLaunches({
    ...{ lab, lines: view.lines, cloud: () => openCloud(lab, secrets), clockOffsets: () => view.clockOffsets },
    routerOf: (network) =>
      view.topology?.ports.find((one) => one.network === network && one.owner === 'network:router_interface')?.device,
    show: (launch) => tell({ kind: 'launch', key: `launch ${launch.id}`, launch }),
    keep(recording) {
      saveRecording(lab, recording)
      status.soon()
    },
  })
  const recorder = keepRecording(lab, `live-${randomUUID().slice(0, 8)}-`, () => launches.active() > 0)
  const record = async () => {
    view.clockOffsets = await readClockOffsets(lab)
    const router = view.topology?.routers?.[0]
    await recorder.start(router && routerNamespace(router.id))
  }
  const topology = repeat(pauses.topology, async () => {
    await attempt(view, 'topology', async () => {
      let silence: unknown
      const onSilent = (part: string, error: unknown) => {
        silence ??= new Error(`${part}: ${messageOf(error)}`)
      }
      view.topology = await readTopology(lab, { onSilent })
      tell({ kind: 'topology', key: 'topology', picture: pictureOf(view.topology) })
      if (silence) throw silence
    })
    await attempt(view, 'recorder', record)
  })
  const status = repeat(pauses.status, () =>
    attempt(view, 'status', async () => {
      tell({ kind: 'status', key: 'status', status: liveStatus(await readStatus(lab)), at: Date.now() })
    }),
  )
  return { launches, recorder, topology, status }
}

export interface LabWatch {
  /** Ends everything that was started on the nodes. */
  stop(): Promise<void>
}

export function watchLab(watched: Watched): LabWatch {
  const view: View = {
    ...watched,
    ...{
      isStopped: false,
      clockOffsets: {},
      rates: {},
      readings: new Map(),
      lines: recordLines(),
      finder: findLaunches(),
    },
  }
  const parts = startParts(view)
  const watchers = new Map<string, NodeStream>()
  for (const node of view.lab.nodes) watch(view, parts, watchers, node)
  const rating = setInterval(() => {
    count(view, 'host', readHostCounters())
    view.tell({ kind: 'rates', key: 'rates', rates: view.rates })
  }, pauses.rates)
  return {
    async stop() {
      view.isStopped = true
      clearInterval(rating)
      for (const part of [parts.topology, parts.status, parts.launches]) part.stop()
      for (const watcher of watchers.values()) watcher.end()
      await Promise.allSettled([...watchers.values()].map(({ ended }) => ended))
      await parts.recorder.stop()
    },
  }
}
