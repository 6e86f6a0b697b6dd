/**
 * One recorded launch: creates what it needs, starts the recorder, asks Nova for the instance, and waits until nothing
 * changes any more.
 */

import { randomUUID } from 'node:crypto'
import { openCloud } from '../../cloud/client.ts'
import { routerNamespace } from '../../cloud/neutron-names.ts'
import type { Lab } from '../../declaration/lab.ts'
import type { Secrets } from '../../declaration/secret-names.ts'
import { isStopping } from '../../run/progress/stop.ts'
import type { Progress } from '../../run/progress.ts'
import { timeouts } from '../../run/timeouts.ts'
import { pause } from '../../run/wait-for.ts'
import { collectLaunch, collectRows } from './collect.ts'
import { type DrillName, drills } from './drills.ts'
import type { RecordedFile, Recording } from './evidence.ts'
import { readLaunchIds, readLost } from './launch-ids.ts'
import { type LaunchObjects, makeObjects, type Removers, removeObjects, showKept } from './launch-objects.ts'
import { askForInstance, type Outcome } from './launch-request.ts'
import { listen } from './listen.ts'
import { waitForMetadata } from './project-network.ts'
import type { LogPositions } from './recorder.ts'
import { takenWithinMs } from './stop.ts'
import { stopUnit } from './stop-unit.ts'

export interface LaunchOptions {
  progress: Progress
  drill?: DrillName
  /** By name or id; default: the provider network. */
  network?: string
  /** Keeps the instance and what belongs to it in the cloud. */
  keep?: boolean
}

/** A recorded launch. Even on failure the recorder is stopped and, without `keep`, the objects are removed. */
export async function recordLaunch(lab: Lab, secrets: Secrets, options: LaunchOptions): Promise<Recording> {
  const { progress } = options
  const drill = options.drill ? drills[options.drill] : undefined
  const id = randomUUID().slice(0, 8)
  const name = `trace-${options.drill ?? 'launch'}-${id}`
  const cloud = await openCloud(lab, secrets)
  const removers: Removers = []
  const units: Removers = []
  try {
    const objects = await progress.step('create an image, a flavor and a volume for it', () =>
      makeObjects(cloud, lab, name, { drill, network: options.network }, removers),
    )
    if (drill?.stop) await progress.step(`stop ${drill.stop}`, () => stopUnit(lab, drill.stop!, units))
    const recording = await record(lab, secrets, { id, name, objects, options, removers })
    if (options.keep) progress.line(showKept(name, { server: recording.server.id !== undefined, ...objects }))
    return recording
  } finally {
    // After Ctrl-C no step begins any more, but this must be done. A stopped service is always started again.
    const all = [...units, ...removers]
    if (isStopping()) await removeObjects(all)
    else if (!options.keep) await progress.step('remove what the launch created', () => removeObjects(all))
    else await removeObjects(units)
  }
}

interface Launch {
  id: string
  name: string
  objects: LaunchObjects
  options: LaunchOptions
  removers: Removers
}

async function record(lab: Lab, secrets: Secrets, launch: Launch): Promise<Recording> {
  const { id, name, objects, options } = launch
  const { progress, drill } = options
  const seconds = (drill && drills[drill].waitSeconds) ?? timeouts.verify.launch.seconds
  const globalRequest = `req-${randomUUID()}`
  const { router } = objects.network
  const { outcome, positions, clockOffsets, ended } = await listen(lab, {
    id,
    progress,
    seconds: router ? seconds + timeouts.verify.ping.seconds : seconds,
    ...(router ? { namespace: routerNamespace(router) } : {}),
    act: () => launchToTheEnd(lab, secrets, launch, { globalRequest, seconds }),
  })
  const files = await progress.step('collect the evidence', () => collect(lab, id, positions, outcome, router))
  const server = outcome.server
  const fault = server?.fault?.message ?? outcome.refusal
  const host = server?.['OS-EXT-SRV-ATTR:host']
  return {
    source: 'launch',
    ...(router ? { about: 'project-network' as const } : {}),
    id,
    server: {
      name,
      status: server?.status ?? 'refused',
      ...(server ? { id: server.id } : {}),
      ...(fault ? { fault } : {}),
      ...(host ? { host } : {}),
    },
    ids: readLaunchIds(files, {
      globalRequest,
      image: objects.image,
      ...(server ? { instance: server.id } : {}),
      ...(router ? { router } : {}),
    }),
    began: outcome.began,
    ended,
    ...(drill ? { drill } : {}),
    lost: readLost(files),
    clockOffsets,
    nodes: lab.nodes.map(({ name, address, roles }) => ({ name, address, roles })),
    files,
  }
}

/** Until nothing more belongs to it. */
async function launchToTheEnd(
  lab: Lab,
  secrets: Secrets,
  launch: Launch,
  request: { globalRequest: string; seconds: number },
): Promise<Outcome> {
  const { progress, drill } = launch.options
  const { router } = launch.objects.network
  const outcome = await progress.step(`launch ${launch.name}`, () =>
    askForInstance(lab, secrets, { ...launch, ...request, mayBeRefused: drill !== undefined }),
  )
  if (router && outcome.server?.status === 'ACTIVE') {
    const address = Object.values(outcome.server.addresses ?? {}).flat()[0]?.addr ?? ''
    await progress.step('wait until it asks for its metadata', () =>
      waitForMetadata(lab, router, address, outcome.began),
    )
  }
  // What comes after ACTIVE still belongs to it: the last rows, the last answers.
  await pause(Math.min(lab.timeScale, 5))
  // A launch can end before a message is old enough to count as not consumed.
  if (drill && drills[drill].stop) await pause(takenWithinMs / 1000)
  return outcome
}

async function collect(
  lab: Lab,
  id: string,
  positions: LogPositions,
  { began, server }: Outcome,
  router: string | undefined,
): Promise<RecordedFile[]> {
  const [lines, rows] = await Promise.all([
    collectLaunch(lab, id, positions, began / 1000 - 1, router),
    server ? collectRows(lab, server.id) : [],
  ])
  return [...lines, ...rows]
}
