/** What is seen of the test instance: from Nova, from this host, and from inside it. */

import type { CloudClient } from '../../cloud/client.ts'
import type { Server } from '../../cloud/server.ts'
import type { TestServer } from '../../cloud/test-servers.ts'
import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { controllerOf, type Lab } from '../../declaration/lab.ts'
import { notTried, type Observation } from '../../run/check.ts'
import { runOnHost } from '../../run/process.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { ownIds } from '../../terraform/state.ts'
import { type LabCheck, observeUntil, type Watch } from '../check.ts'
import { type Inside, lookInside } from './instance-ssh.ts'

export interface Volume {
  id: string
  name: string
  status: string
  attachments: { server_id: string; device: string }[]
}

const addressesOf = (server: Server) =>
  Object.values(server.addresses)
    .flat()
    .filter(({ version }) => version === 4)
const isFloating = (address: ReturnType<typeof addressesOf>[number]) => address['OS-EXT-IPS:type'] === 'floating'

/** The IPv4 address at which the instance is reached: a floating one before its own; empty while it has none. */
export function addressOf(server: Server): string {
  const addresses = addressesOf(server)
  return (addresses.find(isFloating) ?? addresses[0])?.addr ?? ''
}

/** The one that it knows itself, from DHCP. */
export function ownAddressOf(server: Server): string {
  return addressesOf(server).find((address) => !isFloating(address))?.addr ?? ''
}

/** Of whichever project; the lab's own by its id, because any project may have one of that name. */
export async function readServer(lab: Lab, cloud: CloudClient, name: string): Promise<Server | undefined> {
  const query = new URLSearchParams({ all_tenants: '1', name: `^${name}$` })
  const { servers } = await cloud.get<{ servers: Server[] }>('compute', `/servers/detail?${query}`)
  const [named, own] = [servers.filter((server) => server.name === name), ownIds(lab)]
  return named.find(({ id }) => own.has(id)) ?? named[0]
}

const seenServers = new WeakMap<Watch, Map<string, Promise<Server | undefined>>>()

/**
 * `readServer`, but one that is ACTIVE and has its address is read once per watch, however many checks wait for it: an
 * emulated Nova is busy for ten seconds with each list, and what is waited for boots the slower.
 */
export async function watchServer(watch: Watch, name: string): Promise<Server | undefined> {
  const seen = seenServers.get(watch) ?? new Map()
  seenServers.set(watch, seen)
  const reading = seen.get(name) ?? watch.cloud().then((cloud) => readServer(watch.lab, cloud, name))
  seen.set(name, reading)
  const forget = () => seen.get(name) === reading && seen.delete(name)
  const server = await reading.catch((error: unknown) => {
    forget()
    throw error
  })
  if (!judgeServer(name, server).ok) forget()
  return server
}

/** Lines that are also said of what could not be looked at. */
const lineOf = {
  active: (name: string) => ({ id: `instance/${name}/active`, what: `instance ${name} ACTIVE` }),
  ping: (name: string) => ({ id: `instance/${name}/ping`, what: `instance ${name} answers ping` }),
  lease: (name: string) => ({ id: `instance/${name}/lease`, what: `instance ${name} has its DHCP lease` }),
  ssh: (name: string) => ({ id: `instance/${name}/ssh`, what: `ssh into ${name} with the lab's key` }),
  metadata: (name: string) => ({ id: `instance/${name}/metadata`, what: `metadata answers inside ${name}` }),
  volume: (name: string) => ({ id: `instance/${name}/volume`, what: `volume seen inside ${name}` }),
}

/** What is looked at from inside, in this order; `why`, the line that failed, is why it could not be. */
const insideNotTried = ({ name, hasVolume }: TestServer, why: Observation): Observation[] =>
  [lineOf.metadata(name), ...(hasVolume ? [lineOf.volume(name)] : [])].map((line) => notTried(line, why))

/** All that depends on an instance that is not there. */
function nothingTried(test: TestServer, why: Observation, quick: boolean): Observation[] {
  const { ping, lease, ssh } = lineOf
  const lines = quick ? [ping] : [ping, lease, ssh]
  return [...lines.map((line) => notTried(line(test.name), why)), ...(quick ? [] : insideNotTried(test, why))]
}

/** A check under the name of its one line. */
const look = ({ id, what }: { id: string; what: string }, timeoutSeconds: number, observe: LabCheck['observe']) => ({
  id,
  what: () => what,
  timeoutSeconds,
  observe,
})

export function judgeServer(name: string, server: Server | undefined): Observation {
  const address = server ? addressOf(server) : ''
  const host = server?.['OS-EXT-SRV-ATTR:host']
  return {
    ...lineOf.active(name),
    ok: server?.status === 'ACTIVE' && address !== '',
    seen: server
      ? `${server.status}${server.fault ? ` (${server.fault.message})` : ''}${host ? ` on ${host}` : ''}, ${address || 'no address'}`
      : 'no such instance',
    ...(server ? { data: { status: server.status, address, ...(host ? { host } : {}) } } : {}),
    next: server
      ? `./lab openstack server show ${server.id}; ./lab openstack server event list ${server.id}`
      : './lab up',
  }
}

/**
 * The guest prints the lease that DHCP gave it; the address that Neutron planned must be in that. One that started before
 * its DHCP server asks on in the background, and prints no lease; Neutron's metadata then knows it by that address.
 */
export function judgeLease(
  lab: Lab,
  { id, name }: Pick<Server, 'id' | 'name'>,
  address: string,
  console: string,
): Observation {
  const lines = console.split('\n').filter((line) => line.includes('lease') && line.includes(address))
  const late = /no lease, forking to background[\s\S]*metadata instance-id=/.test(console)
  return {
    ...lineOf.lease(name),
    ok: address !== '' && (lines.length > 0 || late),
    seen:
      lines[0]?.trim().slice(0, 120) ??
      (late ? `it had to wait for its DHCP server; then metadata knew it as ${address}` : undefined) ??
      `no lease for ${address} in ${console.split('\n').length} lines of its console log`,
    next: `./lab openstack console log show ${id}; ${lookAtUnit(controllerOf(lab).name, 'neutron-dhcp-agent', '/var/log/neutron/neutron-dhcp-agent.log')}`,
  }
}

export function judgeMetadata(lab: Lab, server: Server, inside: Inside): Observation {
  return {
    ...lineOf.metadata(server.name),
    ok: inside.uuid === server.id,
    seen: inside.uuid ? `uuid ${inside.uuid}` : 'no answer from 169.254.169.254',
    next: lookAtUnit(controllerOf(lab).name, 'neutron-metadata-agent', '/var/log/neutron/neutron-metadata-agent.log'),
  }
}

/** Device names are not stable in a guest: a disk is known by its serial, the first 20 characters of the volume's id. */
export function judgeVolume(lab: Lab, server: Server, volumes: readonly Volume[], inside: Inside): Observation {
  const volume = volumes.find(({ attachments }) => attachments.some(({ server_id }) => server_id === server.id))
  const disk = volume && inside.disks.find(({ serial }) => serial === volume.id.slice(0, 20))
  const storage = lab.nodes.find(({ roles }) => roles.includes('storage'))?.name ?? controllerOf(lab).name
  return {
    ...lineOf.volume(server.name),
    ok: Boolean(disk),
    seen: disk
      ? `${disk.name}, serial ${disk.serial}`
      : volume
        ? `${volume.status}, not among ${inside.disks.map(({ name, serial }) => `${name} (${serial})`).join(', ') || 'no disk with a serial'}`
        : `no volume is attached: ${volumes.map(({ name, status }) => `${name} ${status}`).join(', ') || 'there is none'}`,
    next: `./lab openstack volume list; ${lookAtUnit(storage, 'cinder-volume', '/var/log/cinder/cinder-volume.log')}`,
  }
}

/** One echo request to the address at which it is reached. */
export async function ping(lab: Lab, server: Server): Promise<Observation> {
  const address = addressOf(server)
  const seconds = scaled(lab, timeouts.verify.echo)
  const { stdout } = await runOnHost('ping', ['-n', '-c', '1', '-W', String(seconds), address], {
    step: `ping ${address}`,
    timeoutSeconds: seconds + 3,
    allow: [0, 1],
  })
  const time = /time=([\d.]+) ms/.exec(stdout)?.[1]
  return {
    ...lineOf.ping(server.name),
    ok: Boolean(time),
    seen: time ? `${address} in ${time} ms` : `no answer from ${address}`,
    data: { address, ...(time ? { seconds: Number(time) / 1000 } : {}) },
    next: `./lab openstack console log show ${server.id}; ${lookAtUnit(server['OS-EXT-SRV-ATTR:host'] ?? controllerOf(lab).name, 'neutron-linuxbridge-agent', '/var/log/neutron/neutron-linuxbridge-agent.log')}`,
  }
}

/** What the instance has printed on its serial console. */
export async function readConsole(cloud: CloudClient, server: Server): Promise<string> {
  const body = { 'os-getConsoleOutput': {} }
  return (await cloud.post<{ output: string }>('compute', `/servers/${server.id}/action`, { body })).output
}

/** From inside it. */
const insideCheck = (cloud: CloudClient, server: Server, hasVolume: boolean) =>
  look(lineOf.ssh(server.name), timeouts.verify.login.seconds, async ({ lab }) => {
    const inside = await lookInside(lab, server.id, addressOf(server), await readConsole(cloud, server))
    const greeting = { ...lineOf.ssh(server.name), ok: true, seen: inside.greeting, next: '' }
    const lines = [greeting, judgeMetadata(lab, server, inside)]
    if (!hasVolume) return lines
    const { volumes } = await cloud.get<{ volumes: Volume[] }>('volumev3', '/volumes/detail')
    return [...lines, judgeVolume(lab, server, volumes, inside)]
  })

/** ACTIVE, then ping, then lease and everything inside: what rests on a line that failed is not waited for. */
export async function observeInstance(watch: Watch, test: TestServer, quick: boolean): Promise<Observation[]> {
  const { lab } = watch
  const { name, hasVolume } = test
  let server: Server | undefined
  const activeCheck = look(lineOf.active(name), timeouts.verify.active.seconds, async () => {
    server = await watchServer(watch, name)
    return [judgeServer(name, server)]
  })
  const active = await observeUntil(activeCheck, watch)
  const found = server
  if (!found || !active[0]?.ok) return [...active, ...nothingTried(test, active[0]!, quick)]
  // A guest that has just been started needs up to a minute; an emulated one inside an emulated node, ten and more.
  const pinged = await observeUntil(
    look(lineOf.ping(name), timeouts.verify.ping.seconds, async () => [await ping(lab, found)]),
    watch,
  )
  if (quick) return [...active, ...pinged]
  const cloud = await watch.cloud()
  const leaseCheck = look(lineOf.lease(name), timeouts.verify.lease.seconds, async () => [
    judgeLease(lab, found, ownAddressOf(found), await readConsole(cloud, found)),
  ])
  const leased = observeUntil(leaseCheck, watch)
  const inside = pinged[0]?.ok
    ? await observeUntil(insideCheck(cloud, found, hasVolume), watch)
    : [notTried(lineOf.ssh(name), pinged[0]!)]
  const [login] = inside
  const seen = login && !login.ok ? [login, ...insideNotTried(test, login)] : inside
  return [...active, ...pinged, ...(await leased), ...seen]
}
