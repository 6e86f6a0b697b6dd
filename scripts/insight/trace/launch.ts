/**
 * One recorded launch: creates what it needs, starts the recorder, asks Nova for the instance, and waits until nothing
 * changes any more.
 */

import { randomUUID } from 'node:crypto'
import { type CloudClient, openCloud } from '../../cloud/client.ts'
import { metadataOf } from '../../cloud/mark.ts'
import { NotReadyError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import type { Secrets } from '../../declaration/secret-names.ts'
import { isStopping } from '../../run/progress/stop.ts'
import type { Progress } from '../../run/progress.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { pause, poll } from '../../run/wait-for.ts'
import { collectLaunch, collectRows, readClockOffsets } from './collect.ts'
import { type DrillName, drills } from './drills.ts'
import type { RecordedFile, Recording } from './evidence.ts'
import { readLaunchIds, readLost } from './launch-ids.ts'
import {
  type LaunchObjects,
  makeObjects,
  type Removers,
  removeObjects,
  showKept,
  waitUntilGone,
} from './launch-objects.ts'
import { startRecorder, stopRecorder } from './recorder.ts'
import { takenWithinMs } from './stop.ts'
import { stopUnit } from './stop-unit.ts'

export interface LaunchOptions {
  progress: Progress
  drill?: DrillName
  /** Keeps the instance and what belongs to it in the cloud. */
  keep?: boolean
}

interface Server {
  id: string
  status: string
  fault?: { message: string }
  'OS-EXT-SRV-ATTR:host'?: string | null
}

/** The result of the request: an instance, or nova-api's refusal. */
interface Outcome {
  server?: Server
  refusal?: string
  began: number
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
      makeObjects(cloud, lab, name, drill, removers),
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
  const clockOffsets = await readClockOffsets(lab)
  const positions = await progress.step('start the recorder on all nodes', () =>
    startRecorder(lab, id, seconds * lab.timeScale + scaled(lab, timeouts.nodes.work)),
  )
  const globalRequest = `req-${randomUUID()}`
  let outcome: Outcome
  try {
    outcome = await progress.step(`launch ${name}`, () => ask(lab, secrets, launch, globalRequest, seconds))
    // What comes after ACTIVE still belongs to it: the last rows, the last answers.
    await pause(Math.min(lab.timeScale, 5))
    // A launch can end before a message is old enough to count as not consumed.
    if (drill && drills[drill].stop) await pause(takenWithinMs / 1000)
  } finally {
    await stopRecorder(lab, id)
  }
  const ended = Date.now()
  const files = await progress.step('collect the evidence', () =>
    collect(lab, id, positions, outcome.began, outcome.server?.id),
  )
  const server = outcome.server
  const fault = server?.fault?.message ?? outcome.refusal
  const host = server?.['OS-EXT-SRV-ATTR:host']
  return {
    source: 'launch',
    id,
    server: {
      name,
      status: server?.status ?? 'refused',
      ...(server ? { id: server.id } : {}),
      ...(fault ? { fault } : {}),
      ...(host ? { host } : {}),
    },
    ids: readLaunchIds(files, { globalRequest, image: objects.image, ...(server ? { instance: server.id } : {}) }),
    began: outcome.began,
    ended,
    ...(drill ? { drill } : {}),
    lost: readLost(files),
    clockOffsets,
    nodes: lab.nodes.map(({ name, address, roles }) => ({ name, address, roles })),
    files,
  }
}

async function collect(
  lab: Lab,
  id: string,
  positions: Awaited<ReturnType<typeof startRecorder>>,
  began: number,
  instance: string | undefined,
): Promise<RecordedFile[]> {
  const [lines, rows] = await Promise.all([
    collectLaunch(lab, id, positions, began / 1000 - 1),
    instance ? collectRows(lab, instance) : [],
  ])
  return [...lines, ...rows]
}

/** Signs in again, so that the flow begins where the text begins, and uses its own request id. */
async function ask(
  lab: Lab,
  secrets: Secrets,
  { name, objects, options, removers }: Launch,
  globalRequest: string,
  seconds: number,
): Promise<Outcome> {
  const began = Date.now()
  const cloud = await openCloud(lab, secrets)
  try {
    const { server } = await cloud.post<{ server: Server }>('compute', '/servers', {
      headers: { 'X-OpenStack-Request-ID': globalRequest },
      body: { server: serverBody(lab, name, objects) },
    })
    removers.push(async () => {
      await cloud.delete('compute', `/servers/${server.id}`, { allow: [404] })
      await waitUntilGone(cloud, lab, 'compute', `/servers/${server.id}`)
    })
    return { server: await settle(cloud, lab, server.id, seconds), began }
  } catch (error) {
    // In a drill a refusal is a result; otherwise the lab does not work.
    if (options.drill && error instanceof NotReadyError) return { refusal: error.lastAnswer, began }
    throw error
  }
}

function serverBody(lab: Lab, name: string, { image, flavor, network, volume }: LaunchObjects) {
  const root = {
    source_type: 'image',
    destination_type: 'local',
    boot_index: 0,
    uuid: image,
    delete_on_termination: true,
  }
  const disk = { source_type: 'volume', destination_type: 'volume', boot_index: -1, uuid: volume }
  return {
    name,
    imageRef: image,
    flavorRef: flavor,
    networks: [{ uuid: network }],
    metadata: metadataOf(lab),
    ...(volume ? { block_device_mapping_v2: [root, disk] } : {}),
  }
}

/** ACTIVE, ERROR, or the status at the timeout: that is a result too. */
async function settle(cloud: CloudClient, lab: Lab, id: string, timeoutSeconds: number): Promise<Server> {
  const polling = { timeoutSeconds, pauseSeconds: 0.5, stoppable: true }
  const read = async () => (await cloud.get<{ server: Server }>('compute', `/servers/${id}`)).server
  return (await poll(lab, polling, read, ({ status }) => status !== 'BUILD')).seen
}
