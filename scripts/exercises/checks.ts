/** What the exercises look at, each as a user would notice it. */

import { markOf, tagOf } from '../cloud/mark.ts'
import { testServers } from '../cloud/test-servers.ts'
import { waitForVolume } from '../cloud/volumes.ts'
import type { Lab } from '../declaration/lab.ts'
import type { LabCheck, Watch } from '../health/check.ts'
import { addressOf, observeInstance, readServer } from '../health/verify/instance.ts'
import { failed, type Observation } from '../run/check.ts'
import { runOnHost } from '../run/process.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { probeName, withProbes } from './probes.ts'

/** The part of verify's own patience that a check has: the instance runs already, and whoever waits can ask again. */
const impatient = (watch: Watch): Watch => ({
  ...watch,
  timeoutFactor: scaled(watch.lab, timeouts.verify.exerciseAnswer) / scaled(watch.lab, timeouts.verify.ping),
})

/** The test instance answers ping. */
export const observeTest = (watch: Watch): Promise<Observation[]> =>
  observeInstance(impatient(watch), testServers(watch.lab)[0]!, true)

/** What is seen inside it, too: its metadata, its volume. */
export const observeInside = (watch: Watch): Promise<Observation[]> =>
  observeInstance(impatient(watch), testServers(watch.lab)[0]!, false)

/** One of verify's own checks, once. */
export const observeOnce =
  (check: LabCheck) =>
  async (watch: Watch): Promise<Observation[]> => {
    const about = { id: check.id, what: check.what(watch) }
    return check.observe({ ...watch, timeoutFactor: 0 }).catch((error: unknown) => [failed(about, error)])
  }

/** As large as an Ethernet frame may be, in one piece: 1500 bytes less the headers of IP and ICMP. */
const fullPayload = 1472

export async function observeLargePackets(watch: Watch): Promise<Observation[]> {
  const { lab } = watch
  const small = await observeTest(watch)
  const about = { id: 'exercise/large', what: `${lab.cloud.server.name} answers packets of 1500 bytes` }
  try {
    const server = await readServer(lab, await watch.cloud(), lab.cloud.server.name)
    return [...small, await pingLarge(lab, server ? addressOf(server) : '', about)]
  } catch (error) {
    return [...small, failed(about, error)]
  }
}

async function pingLarge(lab: Lab, address: string, about: Pick<Observation, 'id' | 'what'>): Promise<Observation> {
  const seconds = scaled(lab, timeouts.verify.echo)
  const size = ['-M', 'do', '-s', String(fullPayload)]
  const { stdout } = await runOnHost('ping', ['-n', '-c', '3', '-i', '0.3', '-W', String(seconds), ...size, address], {
    step: `ping ${address}`,
    timeoutSeconds: seconds * 3 + 3,
    allow: [0, 1],
  })
  const ok = stdout.includes(' bytes from ')
  const command = `ping -c 1 ${size.join(' ')} ${address}`
  const seen = ok ? `${address} answers` : `no answer from ${address} to ${fullPayload} bytes`
  return { ...about, ok, seen, next: `./lab exec -- ${command}` }
}

/** A file goes into Glance and comes back. */
export function observeImages(watch: Watch): Promise<Observation[]> {
  const about = { id: 'exercise/image', what: 'an image is uploaded and read back' }
  const content = `an exercise's image, ${new Date().toISOString()}`
  return withProbes(watch, about, async (cloud, made) => {
    const body = { name: probeName, container_format: 'bare', disk_format: 'raw', tags: [tagOf(watch.lab)] }
    const { id } = await cloud.post<{ id: string }>('image', '/v2/images', { body })
    made('image', `/v2/images/${id}`)
    const headers = { 'Content-Type': 'application/octet-stream' }
    await cloud.put('image', `/v2/images/${id}/file`, { body: Buffer.from(content), headers })
    const read = await cloud.get<string>('image', `/v2/images/${id}/file`)
    return [{ ...about, ok: read === content, seen: `${content.length} bytes`, next: './lab openstack image list' }]
  })
}

export function observeVolume(watch: Watch): Promise<Observation[]> {
  const about = { id: 'exercise/volume', what: 'a new volume becomes available' }
  return withProbes(watch, about, async (cloud, made) => {
    const body = { volume: { name: probeName, size: 1, description: markOf(watch.lab) } }
    const { volume } = await cloud.post<{ volume: { id: string } }>('volumev3', '/volumes', { body })
    made('volumev3', `/volumes/${volume.id}`)
    const { status, size } = await waitForVolume(cloud, watch.lab, volume.id, 'available')
    return [{ ...about, ok: true, seen: `${status}, ${size} GiB`, next: '' }]
  })
}

/** Every API that the exercise is about starts with a token. */
export async function observeSignIn(watch: Watch): Promise<Observation[]> {
  const about = { id: 'exercise/sign-in', what: 'the admin signs in, and a token is accepted' }
  try {
    const cloud = await watch.cloud()
    const { users } = await cloud.get<{ users: unknown[] }>('identity', '/users')
    return [{ ...about, ok: true, seen: `${users.length} users`, next: '' }]
  } catch (error) {
    return [failed(about, error)]
  }
}
