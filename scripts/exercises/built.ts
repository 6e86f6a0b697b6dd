/** Whether what an exercise asks for has been built: read from the cloud, and reached. */

import { readAllServers } from '../cloud/all-servers.ts'
import type { CloudClient } from '../cloud/client.ts'
import type { Server } from '../cloud/server.ts'
import { testServers } from '../cloud/test-servers.ts'
import { isSelfService, type Lab } from '../declaration/lab.ts'
import type { Watch } from '../health/check.ts'
import { addressOf, ping, readServer } from '../health/verify/instance.ts'
import { failed, notTried, type Observation } from '../run/check.ts'
import { timeouts } from '../run/timeouts.ts'
import { poll } from '../run/wait-for.ts'

type Line = Pick<Observation, 'id' | 'what'>

const line = (id: string, what: string): Line => ({ id: `exercise/${id}`, what })
const said = (about: Line, ok: boolean, seen: string, next: string): Observation => ({ ...about, ok, seen, next })

type BuiltServer = Server & { tenant_id: string; image: { id?: string } | '' }

/** In the project, or in any. */
async function findServer(cloud: CloudClient, name: string, project?: string): Promise<BuiltServer | undefined> {
  const servers = await readAllServers<BuiltServer>(cloud)
  return servers.find((one) => one.name === name && (project === undefined || one.tenant_id === project))
}

function judgeActive(name: string, server: Server | undefined): Observation {
  const seen = server?.fault ? `${server.status}: ${server.fault.message}` : server?.status
  const next = './lab openstack server list --all-projects'
  return said(line('server', `server ${name} is ACTIVE`), server?.status === 'ACTIVE', seen ?? 'there is none', next)
}

async function observePing(lab: Lab, server: Server | undefined, name: string): Promise<Observation> {
  const about = line('answer', `server ${name} answers ping`)
  const active = judgeActive(name, server)
  if (!server || !active.ok) return notTried(about, active)
  const polling = { timeoutSeconds: timeouts.verify.exercise.seconds, pauseSeconds: 2 }
  const look = async () => (addressOf(server) ? ping(lab, server) : undefined)
  const { seen } = await poll(lab, polling, look, (answer) => answer?.ok === true)
  return said(about, seen?.ok === true, seen?.seen ?? 'no address', seen?.next ?? './lab openstack server list')
}

/** One observation each; an error of the cloud is the last one. */
async function observe({ cloud }: Watch, look: (cloud: CloudClient) => Promise<Observation[]>): Promise<Observation[]> {
  try {
    return await look(await cloud())
  } catch (error) {
    return [failed(line('cloud', 'the cloud says what was built'), error)]
  }
}

export const observeProject = (watch: Watch): Promise<Observation[]> =>
  observe(watch, async (cloud) => {
    const { lab } = watch
    const { projects } = await cloud.get<{ projects: { id: string }[] }>('identity', '/projects?name=workshop')
    const id = projects[0]?.id
    const project = said(
      line('project', 'project workshop exists'),
      id !== undefined,
      id ?? 'there is none',
      './lab openstack project list',
    )
    if (!id) return [project]
    const server = await findServer(cloud, 'web', id)
    const own = isSelfService(lab) ? [await observeNetwork(cloud, id)] : []
    return [project, ...own, judgeActive('web', server), await observePing(lab, server, 'web')]
  })

async function observeNetwork(cloud: CloudClient, project: string): Promise<Observation> {
  const { networks } = await cloud.get<{ networks: { name: string }[] }>(
    'network',
    `/v2.0/networks?project_id=${project}`,
  )
  const names = networks.map(({ name }) => name).join(', ')
  const next = './lab openstack network list'
  return said(line('network', 'the project has a network'), networks.length > 0, names || 'there is none', next)
}

interface BuiltVolume {
  id: string
  name: string
  status: string
  snapshot_id: string | null
  attachments: { server_id: string }[]
}

/** Of any project. */
async function listed<T extends { name: string }>(cloud: CloudClient, kind: string, name: string) {
  const body = await cloud.get<Record<string, T[]>>('volumev3', `/${kind}/detail?all_tenants=1`)
  return body[kind]?.find((one) => one.name === name)
}

export const observeRestored = (watch: Watch): Promise<Observation[]> =>
  observe(watch, async (cloud) => {
    const { lab } = watch
    const [notes, restored, monday, server] = await Promise.all([
      listed<BuiltVolume>(cloud, 'volumes', 'notes'),
      listed<BuiltVolume>(cloud, 'volumes', 'notes-restored'),
      listed<{ id: string; name: string; status: string; volume_id: string }>(cloud, 'snapshots', 'monday'),
      readServer(lab, cloud, testServers(lab)[0]!.name),
    ])
    const attached = notes?.attachments.some(({ server_id }) => server_id === server?.id) === true
    const taken = monday?.status === 'available' && monday.volume_id === notes?.id
    const usable = restored !== undefined && ['available', 'in-use'].includes(restored.status)
    const from = restored?.snapshot_id === monday?.id && monday !== undefined
    const [volumes, snapshots] = ['./lab openstack volume list', './lab openstack volume snapshot list']
    return [
      said(line('attached', `notes is attached to ${lab.cloud.server.name}`), attached, stateOf(notes), volumes),
      said(line('snapshot', 'monday is a snapshot of notes'), taken, stateOf(monday), snapshots),
      said(line('restored', 'notes-restored was made from monday'), usable && from, stateOf(restored), volumes),
    ]
  })

const stateOf = (found: { status: string } | undefined): string => found?.status ?? 'there is none'

export const observeOwnImage = (watch: Watch): Promise<Observation[]> =>
  observe(watch, async (cloud) => {
    type Images = { images: { id: string; status: string }[] }
    const { images } = await cloud.get<Images>('image', '/v2/images?name=golden')
    const twin = await findServer(cloud, 'twin')
    const image = images.find(({ id }) => twin?.image !== '' && id === twin?.image.id) ?? images[0]
    const next = './lab openstack image list'
    const from = image !== undefined && twin !== undefined && twin.image !== '' && twin.image.id === image.id
    return [
      said(line('image', 'image golden is active'), image?.status === 'active', stateOf(image), next),
      said(line('from-image', 'twin was started from golden'), from, from ? image.id : 'it was not', next),
      judgeActive('twin', twin),
      await observePing(watch.lab, twin, 'twin'),
    ]
  })

export const observeFixedAddress = (watch: Watch): Promise<Observation[]> =>
  observe(watch, async (cloud) => {
    const address = watch.lab.providerPool.end
    const door = await findServer(cloud, 'door')
    const addresses = Object.values(door?.addresses ?? {}).flat()
    const has = addresses.some(({ addr }) => addr === address)
    const seen = addresses.map(({ addr }) => addr).join(', ') || 'it has no address'
    return [
      judgeActive('door', door),
      said(line('address', `door has ${address}`), has, seen, './lab openstack port list --long'),
      await observePing(watch.lab, door, 'door'),
    ]
  })
