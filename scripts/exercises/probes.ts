/** What a check makes in the cloud to see whether it works: always removed again, and marked as the lab's own. */

import type { CloudClient } from '../cloud/client.ts'
import { metadataOf } from '../cloud/mark.ts'
import { type MarkedObject, readMarkedObjects } from '../cloud/marked-objects.ts'
import type { Server } from '../cloud/server.ts'
import type { Lab } from '../declaration/lab.ts'
import { flatNetwork } from '../declaration/provider-network.ts'
import type { Watch } from '../health/check.ts'
import { ping } from '../health/verify/instance.ts'
import { idOf } from '../health/verify/volume-boot.ts'
import { failed, type Observation } from '../run/check.ts'
import { timeouts } from '../run/timeouts.ts'
import { poll } from '../run/wait-for.ts'

export const probeName = 'exercise-check'

/** An object of a check: the service it is in, and its path there. */
type Made = Pick<MarkedObject, 'service' | 'path' | 'headers'>

/** What earlier checks left that were killed, or that a broken cloud did not delete. */
export async function removeLeftProbes(lab: Lab, cloud: CloudClient): Promise<void> {
  const marked = await readMarkedObjects(cloud, lab)
  for (const object of marked.filter(({ name }) => name === probeName)) await removeProbe(lab, cloud, object)
}

/** Waits a moment until it is gone, and leaves what the cloud cannot delete now. */
async function removeProbe(lab: Lab, cloud: CloudClient, { service, path, headers = {} }: Made): Promise<void> {
  const gone = async () => {
    await cloud.delete(service, path, { allow: [400, 404, 409], headers })
    return (await cloud.get(service, path, { allow: [404], headers })) === undefined
  }
  await poll(lab, { timeoutSeconds: timeouts.verify.exercise.seconds }, gone, (isGone) => isGone)
}

/** `work` with a signed-in client; its error is the observation. What it reports as made is removed in any case. */
export async function withProbes(
  { lab, cloud: signIn }: Watch,
  about: Pick<Observation, 'id' | 'what'>,
  work: (cloud: CloudClient, made: (service: string, path: string) => void) => Promise<Observation[]>,
): Promise<Observation[]> {
  const all: Made[] = []
  try {
    const cloud = await signIn()
    try {
      return await work(cloud, (service, path) => all.push({ service, path }))
    } finally {
      // A broken cloud may refuse; stop and the next up remove it.
      for (const made of all.reverse()) await removeProbe(lab, cloud, made).catch(() => {})
    }
  } catch (error) {
    return [failed(about, error)]
  }
}

/** As the admin, who is what `./lab openstack` signs in as. */
async function createServer(lab: Lab, cloud: CloudClient): Promise<string> {
  const [flavor, image, network] = await Promise.all([
    idOf(cloud, 'compute', '/flavors', 'flavors', lab.cloud.flavor.name),
    idOf(cloud, 'image', '/v2/images?name=duostack-test', 'images', 'duostack-test'),
    idOf(cloud, 'network', `/v2.0/networks?name=${flatNetwork}`, 'networks', flatNetwork),
  ])
  const server = {
    name: probeName,
    flavorRef: flavor,
    imageRef: image,
    networks: [{ uuid: network }],
    security_groups: [{ name: 'ping-and-ssh' }],
    metadata: metadataOf(lab),
  }
  return (await cloud.post<{ server: { id: string } }>('compute', '/servers', { body: { server } })).server.id
}

const launched = { id: 'exercise/launch', what: 'a new server becomes ACTIVE' }
const answers = { id: 'exercise/answer', what: 'a new server answers ping' }

/** Launches a server; with `answer`, it must also be reached. */
export const observeLaunch = (watch: Watch, { answer = false } = {}): Promise<Observation[]> =>
  withProbes(watch, launched, async (cloud, made) => {
    const { lab } = watch
    const path = `/servers/${await createServer(lab, cloud)}`
    made('compute', path)
    const read = async () => (await cloud.get<{ server: Server }>('compute', path)).server
    const { seen: server } = await poll(
      lab,
      { timeoutSeconds: timeouts.verify.exercise.seconds },
      read,
      ({ status }) => status !== 'BUILD',
    )
    const seen = server.fault ? `${server.status}: ${server.fault.message}` : server.status
    const first = { ...launched, ok: server.status === 'ACTIVE', seen, next: './lab openstack server list' }
    return first.ok && answer ? [first, await observeAnswer(lab, server)] : [first]
  })

async function observeAnswer(lab: Lab, server: Server): Promise<Observation> {
  const polling = { timeoutSeconds: timeouts.verify.ping.seconds, pauseSeconds: 2, longestPauseSeconds: 15 }
  const { seen } = await poll(
    lab,
    polling,
    () => ping(lab, server),
    ({ ok }) => ok,
  )
  const { ok, seen: said } = seen
  return { ...answers, ok, seen: said, next: './lab topology --path test' }
}
