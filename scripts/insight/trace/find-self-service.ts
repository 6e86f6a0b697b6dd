/** Finds the steps of project networks and floating IPs in the observations; undefined if a step is not there. */

import type { LinkChange, Message } from './evidence.ts'
import { type Finder, only } from './find.ts'
import { tokenValidation } from './find-token.ts'
import { deliveryOf, firstAfter, isOurs, replyTo, type Scene } from './scene.ts'

const publishes = (scene: Scene, method: string, accept: (message: Message) => boolean) =>
  scene.messages.find((one) => one.kind === 'publish' && one.method === method && accept(one))

/** The message has no other id than that of the network. */
const population = (scene: Scene) =>
  publishes(
    scene,
    'add_fdb_entries',
    // To a node with its first port of the network a message of its own tells about all others.
    ({ ids, exchange }) => exchange.endsWith('_fanout') && ids.includes(scene.ids.network ?? ' '),
  )

const elsewhere = ({ recording }: Scene, node: string) => node !== recording.server.host

/** Every agent gets its own copy. */
const populated = (scene: Scene) => {
  const sent = population(scene)
  return firstAfter(
    scene.messages,
    sent,
    (one) =>
      one.kind === 'deliver' &&
      one.method === 'add_fdb_entries' &&
      one.to.unit === 'neutron-linuxbridge-agent' &&
      one.ids.includes(scene.ids.network ?? ' ') &&
      elsewhere(scene, one.to.node),
  )
}

const tunnelEntry = (scene: Scene) =>
  scene.links.find(
    ({ name, entry, by }) =>
      name === 'vxlan' && scene.ids.macs.some((mac) => entry?.startsWith(`+ ${mac} `)) && elsewhere(scene, by.node),
  )

const logged = (scene: Scene, unit: string, pattern: RegExp) =>
  scene.logs.find(({ by, message, at }) => by.unit === unit && pattern.test(message) && at >= scene.recording.began)

const proxied = (scene: Scene) => logged(scene, 'haproxy', /"GET /)

/** The agent names the instance's address as the proxy does. */
function metadataAnswer(scene: Scene) {
  const address = /([\da-f.:]+):\d+ \[/.exec(proxied(scene)?.message ?? '')?.[1]
  return firstAfter(
    scene.logs,
    proxied(scene),
    ({ by, message }) => by.unit === 'neutron-metadata-agent' && message.includes(`${address},<local> "GET `),
  )
}

const association = (scene: Scene) =>
  scene.requests.find(
    (one) =>
      one.method === 'PUT' &&
      one.path.startsWith('/v2.0/floatingips/') &&
      one.to.unit === 'neutron-api' &&
      isOurs(scene, one),
  )

const stored = (scene: Scene, pattern: RegExp) =>
  scene.statements.find(({ sql, ids }) => pattern.test(sql) && ids.includes(scene.ids.floatingIp ?? ' '))

const toAgent = (scene: Scene) =>
  publishes(scene, 'routers_updated', ({ ids }) => ids.includes(scene.ids.router ?? ' '))

const question = (scene: Scene) =>
  firstAfter(
    scene.messages,
    toAgent(scene),
    (one) => one.kind === 'publish' && one.method === 'sync_routers' && one.ids.includes(scene.ids.router ?? ' '),
  )

const report = (scene: Scene) =>
  publishes(scene, 'update_floatingip_statuses', ({ ids }) => ids.includes(scene.ids.floatingIp ?? ' '))

/** What appeared in the router's namespace. */
const inRouter = (scene: Scene, accept: (entry: string) => boolean) =>
  scene.links.find(({ name, entry }: LinkChange) => name.startsWith('qrouter-') && entry !== undefined && accept(entry))

/** The recording is named after the address. */
const address = ({ recording }: Scene) => recording.server.name.replace(/^.* /, '')

export const selfServiceFinders: Record<`project-${number}` | `floating-${number}`, Finder> = {
  'project-1': (scene) => only(population(scene)),
  'project-2': (scene) => only(populated(scene)),
  'project-3': (scene) => only(tunnelEntry(scene)),
  'project-4': (scene) => only(proxied(scene)),
  'project-5': (scene) => only(metadataAnswer(scene)),
  'floating-1': (scene) =>
    only(
      scene.requests.findLast(
        ({ to, from, method, at }) =>
          to.unit === 'keystone' && from.unit === 'client' && method === 'POST' && at <= (association(scene)?.at ?? 0),
      ),
    ),
  'floating-2': (scene) => only(association(scene)),
  'floating-3': (scene) => tokenValidation(scene, 'neutron-api', association(scene)),
  'floating-4': (scene) => only(stored(scene, /^UPDATE floatingips SET .*router_id/)),
  'floating-5': (scene) => only(toAgent(scene)),
  'floating-6': (scene) => only(deliveryOf(scene, toAgent(scene), 'neutron-l3-agent')),
  'floating-7': (scene) => only(question(scene)),
  'floating-8': (scene) => only(deliveryOf(scene, question(scene), 'neutron-rpc-server')),
  'floating-9': (scene) => only(replyTo(scene, question(scene))),
  'floating-10': (scene) =>
    only(inRouter(scene, (entry) => entry.includes(`PREROUTING -d ${address(scene)}/32 -j DNAT `))),
  'floating-11': (scene) => only(inRouter(scene, (entry) => entry.includes(`--to-source ${address(scene)} `))),
  'floating-12': (scene) => only(inRouter(scene, (entry) => entry.startsWith(`+ inet ${address(scene)}/32 `))),
  'floating-13': (scene) => only(report(scene)),
  'floating-14': (scene) => only(deliveryOf(scene, report(scene), 'neutron-rpc-server')),
  'floating-15': (scene) => only(stored(scene, /^UPDATE floatingips SET status='ACTIVE'/)),
}
