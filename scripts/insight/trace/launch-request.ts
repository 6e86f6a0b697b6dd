/** The request for a traced instance, and what becomes of it. */

import { type CloudClient, openCloud } from '../../cloud/client.ts'
import { metadataOf } from '../../cloud/mark.ts'
import { NotReadyError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import type { Secrets } from '../../declaration/secret-names.ts'
import { poll } from '../../run/wait-for.ts'
import { type LaunchObjects, type Removers, waitUntilGone } from './launch-objects.ts'

export interface Server {
  id: string
  status: string
  fault?: { message: string }
  addresses?: Record<string, { addr: string }[]>
  'OS-EXT-SRV-ATTR:host'?: string | null
}

/** The result of the request: an instance, or nova-api's refusal. */
export interface Outcome {
  server?: Server
  refusal?: string
  began: number
}

export interface Wanted {
  name: string
  objects: LaunchObjects
  removers: Removers
  /** The client's own request id. */
  globalRequest: string
  /** At native speed. */
  seconds: number
  /** In a drill a refusal is a result; otherwise the lab does not work. */
  mayBeRefused: boolean
}

/** Signs in again, so that the flow begins where the text begins, and uses its own request id. */
export async function askForInstance(
  lab: Lab,
  secrets: Secrets,
  { name, objects, removers, globalRequest, seconds, mayBeRefused }: Wanted,
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
    if (mayBeRefused && error instanceof NotReadyError) return { refusal: error.lastAnswer, began }
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
    networks: [{ uuid: network.id }],
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
