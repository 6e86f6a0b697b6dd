/** Finds each step of the text's network flow in the observations; undefined if it is not there. */

import { tapName } from '../../cloud/neutron-names.ts'
import type { LogLine, Message } from './evidence.ts'
import { type Finder, only } from './find.ts'
import { tokenValidation } from './find-token.ts'
import { concerns, deliveryOf, firstAfter, isOurs, type Scene } from './scene.ts'

/** nova-compute creates the port, or binds an existing one. */
const portRequest = (scene: Scene) =>
  ['POST', 'PUT']
    .map((method) =>
      scene.requests.find(
        (one) =>
          one.from.unit === 'nova-compute' &&
          one.to.unit === 'neutron-api' &&
          one.method === method &&
          /^\/v2\.0\/ports(\/|$)/.test(one.path) &&
          isOurs(scene, one),
      ),
    )
    .find((found) => found !== undefined)

const namesPort = ({ ids }: Scene, text: string) =>
  ids.ports.some((port) => text.includes(port) || text.includes(tapName(port)))

const published = (scene: Scene, accept: (message: Message) => boolean) =>
  scene.messages.find((one) => one.kind === 'publish' && accept(one) && concerns(scene, one))

const toDhcp = (scene: Scene) =>
  published(
    scene,
    ({ method, from }) => /^port_(create|update)_end$/.test(method ?? '') && from.unit.startsWith('neutron-'),
  )

/** Sent to every agent: the port is bound to a host. */
const isPortUpdate = ({ method, exchange, ids }: Message, scene: Scene) =>
  method === 'port_update' && exchange.endsWith('_fanout') && ids.some((id) => scene.ids.ports.includes(id))

const toAgents = (scene: Scene) => scene.messages.find((one) => one.kind === 'publish' && isPortUpdate(one, scene))

const onHost = ({ recording }: Scene, node: string) => !recording.server.host || recording.server.host === node

/** What the agent on the instance's host received. */
const agentTakes = (scene: Scene) =>
  scene.messages.find(
    (one) =>
      one.kind === 'deliver' &&
      isPortUpdate(one, scene) &&
      one.to.unit === 'neutron-linuxbridge-agent' &&
      onHost(scene, one.to.node),
  )

const dhcpTakes = (scene: Scene) =>
  deliveryOf(scene, toDhcp(scene), 'neutron-dhcp-agent') ?? logOf(scene, 'neutron-dhcp-agent', /Trigger/)

const dnsmasqReads = (scene: Scene) => {
  const taken = dhcpTakes(scene)
  const accept = ({ by, message }: LogLine) => by.unit === 'dnsmasq' && message.endsWith('/host')
  const completed = ({ by, message }: LogLine) =>
    by.unit === 'neutron-dhcp-agent' && message.endsWith('is completed') && namesPort(scene, message)
  return firstAfter(scene.logs, taken, accept) ?? firstAfter(scene.logs, taken, completed)
}

const dhcpReady = (scene: Scene) =>
  scene.messages.find(
    (one) =>
      one.kind === 'publish' &&
      one.method === 'dhcp_ready_on_ports' &&
      one.ids.some((id) => scene.ids.ports.includes(id)),
  )

const logOf = (scene: Scene, unit: string, pattern: RegExp) =>
  scene.logs.find(({ by, message }) => by.unit === unit && pattern.test(message) && namesPort(scene, message))

const wired = (scene: Scene) =>
  scene.links.find(({ name, master, by }) => namesPort(scene, name) && master && onHost(scene, by.node))

/** The agent's report after the tap was wired; the message names the tap, which is named after the port. */
const agentReports = (scene: Scene) =>
  firstAfter(
    scene.messages,
    wired(scene),
    (one) =>
      one.kind === 'publish' &&
      /^update_device_(list|up)$/.test(one.method ?? '') &&
      one.from.unit === 'neutron-linuxbridge-agent' &&
      one.ids.some((id) => namesPort(scene, id)) &&
      onHost(scene, one.from.node),
  )

const becomesActive = (scene: Scene) =>
  scene.statements.find(
    ({ sql, ids }) => /^UPDATE ports SET status='ACTIVE'/.test(sql) && ids.some((id) => scene.ids.ports.includes(id)),
  )

const pluggedEvent = (scene: Scene) =>
  scene.requests.find(
    ({ to, path, body }) =>
      to.unit === 'nova-api' &&
      path.endsWith('/os-server-external-events') &&
      (body ?? '').includes('network-vif-plugged') &&
      namesPort(scene, body ?? ''),
  )

const eventCast = (scene: Scene) => {
  const told = pluggedEvent(scene)
  return firstAfter(
    scene.messages,
    told,
    (one) =>
      one.kind === 'publish' && one.method === 'external_instance_event' && one.ids.includes(scene.ids.instance ?? ' '),
  )
}

/** A port's row says something about the launch only until something else has changed it. */
const portRow = (scene: Scene) => {
  const launched = scene.rows.find(({ table }) => table === 'nova.instances')?.columns['launched_at']
  const end = launched && launched !== 'NULL' ? Date.parse(`${launched.replace(' ', 'T')}Z`) + 1000 : 0
  return scene.rows.find((row) => row.table === 'neutron.ports' && row.columns['status'] === 'ACTIVE' && row.at <= end)
}

export const networkFinders: Record<`network-${number}`, Finder> = {
  'network-1': (scene) => only(portRequest(scene)),
  'network-2': (scene) => tokenValidation(scene, 'neutron-api', portRequest(scene)),
  'network-3': (scene) => only(toDhcp(scene), [toAgents(scene)]),
  'network-4': (scene) => only(dhcpTakes(scene)),
  'network-5': (scene) => only(dnsmasqReads(scene)),
  'network-6': (scene) => only(dhcpReady(scene), [logOf(scene, 'neutron-dhcp-agent', /is completed/)]),
  'network-7': (scene) => only(deliveryOf(scene, dhcpReady(scene), 'neutron-rpc-server')),
  'network-8': (scene) => only(agentTakes(scene)),
  'network-9': (scene) => {
    const seen = logOf(scene, 'neutron-linuxbridge-agent', / updated\. Details/)
    const plugged = scene.logs.find(
      ({ message }) => message.startsWith('os_vif: Successfully plugged') && namesPort(scene, message),
    )
    const found = wired(scene) ?? plugged ?? seen
    return only(
      found,
      [plugged, seen].filter((one) => one !== found),
    )
  },
  'network-10': (scene) => only(agentReports(scene)),
  'network-11': (scene) => only(deliveryOf(scene, agentReports(scene), 'neutron-rpc-server')),
  'network-12': (scene) => only(becomesActive(scene) ?? portRow(scene)),
  'network-13': (scene) => {
    const taken = deliveryOf(scene, eventCast(scene), 'nova-compute')
    const logged = scene.logs.find(
      ({ by, message }) => by.unit === 'nova-api' && /network-vif-plugged/.test(message) && namesPort(scene, message),
    )
    return only(taken ?? logged, [pluggedEvent(scene), eventCast(scene)])
  },
}
