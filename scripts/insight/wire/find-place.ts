/** Finds a place on the path of an instance, which may still be in the making. */

import type { CloudClient } from '../../cloud/client.ts'
import type { Server } from '../../cloud/server.ts'
import { findServer } from '../../cloud/server-by-name.ts'
import { LabError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import { poll } from '../../run/wait-for.ts'
import type { Names, Port } from '../topology/model.ts'
import { readNames } from '../topology/read.ts'
import { nameOfPlace, type Place, type PlaceName, placesOf } from './places.ts'

export interface FoundPlace {
  server: { id: string; name: string }
  /** On a node of the lab. */
  place: Place
}

export interface Wanted {
  /** The command, for an error. */
  where: string
  /** Name or id of the instance. */
  server: string
  at: PlaceName
  /** How long to wait for the instance's port, in real seconds; 0: it must be there. */
  waitSeconds: number
}

/** Throws LabError with the existing servers, or with the places that this path has. */
export async function findPlace(lab: Lab, cloud: CloudClient, wanted: Wanted): Promise<FoundPlace> {
  const { where, waitSeconds } = wanted
  const polling = { timeoutSeconds: waitSeconds, pauseSeconds: 0.5 }
  const { seen } = await poll(
    { timeScale: 1 },
    polling,
    () => look(lab, cloud, wanted),
    ({ port }) => port !== undefined,
  )
  const { names, port, server = await findServer(cloud, where, wanted.server) } = seen
  if (!port || !names) {
    const given = `${server.name} (${server.status}) has no port on a node`
    const allowed = 'an instance with a network; --wait waits for one that is being built'
    throw new LabError([{ where, given, allowed, remedy: `./lab openstack server show ${server.id}` }])
  }
  const places = placesOf(names, port)
  const place = places.find(({ name }) => name === wanted.at)
  if (place) {
    expectNode(lab, where, place)
    return { server: { id: server.id, name: server.name }, place }
  }
  const network = names.networks.find(({ id }) => id === port.network)
  const given = `--at ${wanted.at}: the path of ${server.name}, on network ${network?.name}, has no such place`
  const allowed = places.map((one) => `${one.name} (${nameOfPlace(one)})`).join(', ')
  throw new LabError([{ where, given, allowed, remedy: './lab topology' }])
}

/** What Neutron says is not contacted unseen. */
function expectNode(lab: Lab, where: string, { name, node }: Place): void {
  if (lab.nodes.some((one) => one.name === node)) return
  const allowed = lab.nodes.map((one) => one.name).join(', ')
  throw new LabError([{ where, given: `the ${name} is on ${JSON.stringify(node)}`, allowed, remedy: './lab status' }])
}

interface Seen {
  server?: Server
  names?: Names
  port?: Port | undefined
}

async function look(lab: Lab, cloud: CloudClient, { where, server: wanted, waitSeconds }: Wanted): Promise<Seen> {
  const server = await findServer(cloud, where, wanted).catch((error: unknown) => {
    // Two of one name stay two, however long one waits.
    if (waitSeconds > 0 && error instanceof LabError && error.findings[0]?.given.startsWith('no server'))
      return undefined
    throw error
  })
  if (!server) return {}
  const names = await readNames(cloud, lab)
  return { server, names, port: names.ports.find(({ device, host }) => device === server.id && host) }
}
