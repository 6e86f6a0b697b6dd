/**
 * Run inside the lab, `class-burst.ts LOGIN…`: these students, each with the own credentials, launch an instance at the
 * same moment, give it a floating IP where there are project networks, and wait until it answers ping.
 */

import { readPassword } from '../../scripts/class/sheet.ts'
import { type CloudClient, openCloud } from '../../scripts/cloud/client.ts'
import { isSelfService } from '../../scripts/declaration/lab.ts'
import { loadLab } from '../../scripts/declaration/load.ts'
import { loadSecrets } from '../../scripts/declaration/secrets.ts'
import { runOnHost } from '../../scripts/run/process.ts'
import { poll } from '../../scripts/run/wait-for.ts'
import { hostileName } from './class-names.ts'

/** Printed as JSON, one for each student. */
export interface Launched {
  student: string
  server: string
  name: string
  status: string
  fault?: string
  /** Since the moment at which all began; absent if it never came to that. */
  activeSeconds?: number
  answersSeconds?: number
}

type Id = { id: string }
type Listed = Record<string, Id[]>

const lab = loadLab()
const secrets = loadSecrets(lab.root)
const logins = process.argv.slice(2)
/** For all of them together. */
const patience = { timeoutSeconds: 900, pauseSeconds: 3 }

/** Of one request, in seconds: twenty at once wait for the one worker that each API has. */
const requestSeconds = 300
const signIn = (login: string) =>
  openCloud(lab, secrets, requestSeconds, { name: login, password: readPassword(lab, { login })! })

const first = async (cloud: CloudClient, type: string, path: string, key: string) =>
  (await cloud.get<Listed>(type, path))[key]![0]!.id

interface Ready {
  login: string
  cloud: CloudClient
  server: Record<string, unknown>
}

/** Everything that comes before the launch; the admin's `default` is another one. */
async function prepare(login: string): Promise<Ready> {
  const cloud = await signIn(login)
  const network = isSelfService(lab) ? login : 'provider'
  const [image, net, group, { flavors }] = await Promise.all([
    first(cloud, 'image', '/v2/images?name=duostack-test', 'images'),
    first(cloud, 'network', `/v2.0/networks?name=${network}`, 'networks'),
    first(cloud, 'network', '/v2.0/security-groups?name=default', 'security_groups'),
    cloud.get<{ flavors: (Id & { ram: number })[] }>('compute', '/flavors/detail'),
  ])
  const rule = { security_group_id: group, direction: 'ingress', protocol: 'icmp' }
  await cloud.post('network', '/v2.0/security-group-rules', { body: { security_group_rule: rule } })
  const flavor = flavors.toSorted((a, b) => a.ram - b.ram)[0]!.id
  const name = login === 's03' ? hostileName : `${login}-web`
  return { login, cloud, server: { name, imageRef: image, flavorRef: flavor, networks: [{ uuid: net }] } }
}

/** With the address at which it is reached. */
async function reach(cloud: CloudClient, server: string): Promise<string> {
  type Ports = { ports: (Id & { fixed_ips: { ip_address: string }[] })[] }
  const look = () => cloud.get<Ports>('network', `/v2.0/ports?device_id=${server}`)
  const { seen } = await poll(lab, patience, look, ({ ports }) => ports.length > 0)
  const [port] = seen.ports
  if (!isSelfService(lab)) return port!.fixed_ips[0]!.ip_address
  const outside = await first(cloud, 'network', '/v2.0/networks?name=provider', 'networks')
  const floatingip = { floating_network_id: outside, port_id: port!.id }
  type Made = { floatingip: { floating_ip_address: string } }
  const made = await cloud.post<Made>('network', '/v2.0/floatingips', { body: { floatingip } })
  return made.floatingip.floating_ip_address
}

async function answers(address: string): Promise<boolean> {
  const step = `ping ${address}`
  const { stdout } = await runOnHost('ping', ['-n', '-c', '1', '-W', '2', address], {
    ...{ step, timeoutSeconds: 30, allow: [0, 1] },
  })
  return stdout.includes(' bytes from ')
}

interface Shown {
  server: Id & { status: string; fault?: { message: string } }
}

async function launch({ login, cloud, server }: Ready, began: number): Promise<Launched> {
  const since = () => Math.round((performance.now() - began) / 100) / 10
  const { id } = (await cloud.post<Shown>('compute', '/servers', { body: { server } })).server
  const look = async () => (await cloud.get<Shown>('compute', `/servers/${id}`)).server
  const { seen } = await poll(lab, patience, look, ({ status }) => status !== 'BUILD')
  const about = { student: login, server: id, name: String(server['name']), status: seen.status }
  if (seen.status !== 'ACTIVE') return { ...about, fault: seen.fault?.message ?? '' }
  const activeSeconds = since()
  const address = await reach(cloud, id)
  const ping = await poll(
    lab,
    patience,
    () => answers(address),
    (ok) => ok,
  )
  return { ...about, activeSeconds, ...(ping.seen ? { answersSeconds: since() } : {}) }
}

const ready: Ready[] = []
for (const login of logins) ready.push(await prepare(login))
const began = performance.now()
/** A request that failed is one student's, and does not hide what the others saw. */
const launched = ready.map((one) =>
  launch(one, began).catch((error: Error) => {
    const about = { student: one.login, server: '', name: String(one.server['name']) }
    return { ...about, status: 'FAILED', fault: error.message.split('\n').slice(0, 3).join(' ') }
  }),
)
console.log(JSON.stringify(await Promise.all(launched)))
