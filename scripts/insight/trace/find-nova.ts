/** Finds each step of the text's Nova flow in the observations; undefined if it is not there. */

import type { Message, Observation } from './evidence.ts'
import { type Finder, only, ownLog } from './find.ts'
import { tokenValidation } from './find-token.ts'
import { concerns, deliveryOf, firstAfter, isOurs, replyTo, type Scene } from './scene.ts'

const publish = (scene: Scene, method: string, from?: string) =>
  scene.messages.find(
    (one) =>
      one.kind === 'publish' && one.method === method && concerns(scene, one) && (!from || one.from.unit === from),
  )

const row = (scene: Scene, ...tables: string[]) => scene.rows.find(({ table }) => tables.includes(table))

const launchRequest = (scene: Scene) =>
  scene.requests.find(
    (one) => one.to.unit === 'nova-api' && one.method === 'POST' && /\/servers$/.test(one.path) && isOurs(scene, one),
  )

/** The client's last sign-in before its request. */
function signIn(scene: Scene): Observation | undefined {
  const request = launchRequest(scene)
  if (!request) return undefined
  return scene.requests.findLast(
    (one) => one.to.unit === 'keystone' && one.from.unit === 'client' && one.method === 'POST' && one.at <= request.at,
  )
}

const databaseEntry = (scene: Scene) =>
  scene.statements.filter(
    ({ from, sql, ids }) =>
      from.unit === 'nova-api' &&
      /^INSERT INTO (request_specs|build_requests|instance_mappings) /.test(sql) &&
      ids.includes(scene.ids.instance ?? ''),
  )

const selectDestinations = (scene: Scene) => publish(scene, 'select_destinations')
const build = (scene: Scene) => publish(scene, 'build_and_run_instance')

/** What the scheduler did between question and answer: its requests to Placement, its database reads. */
function scheduling(scene: Scene): Observation[] {
  const asked = deliveryOf(scene, selectDestinations(scene), 'nova-scheduler')
  const answered = replyTo(scene, selectDestinations(scene))
  const end = answered?.at ?? Number.POSITIVE_INFINITY
  if (!asked) return []
  const within = (one: Observation) => one.at >= asked.at && one.at <= end
  const placement = scene.requests.filter(
    (one) => one.to.unit === 'placement-api' && isOurs(scene, one) && one.from.unit !== 'nova-compute' && within(one),
  )
  const reads = scene.statements.filter((one) => one.from.unit === 'nova-scheduler' && within(one))
  return [...placement, ...reads.slice(0, 6)]
}

/** The first call of nova-compute in this launch after it received the request. */
function conductorCall(scene: Scene): Message | undefined {
  const taken = deliveryOf(scene, build(scene), 'nova-compute')
  return firstAfter(
    scene.messages,
    taken,
    (one) =>
      one.kind === 'publish' &&
      one.rpc === 'call' &&
      one.from.unit === 'nova-compute' &&
      one.key === 'conductor' &&
      concerns(scene, one),
  )
}

/** A statement of the conductor between receiving the call and answering it. */
function conductorRead(scene: Scene): Observation | undefined {
  const call = conductorCall(scene)
  const taken = deliveryOf(scene, call)
  const answered = replyTo(scene, call)
  if (!taken || !answered) return undefined
  const between = scene.statements.filter(
    (one) => one.from.unit === 'nova-conductor' && one.at >= taken.at && one.at <= answered.at,
  )
  return between.find(({ ids }) => ids.includes(scene.ids.instance ?? '')) ?? between[0]
}

/** RPC messages are visible only in recorded traffic, not in the normal logs; this is stated, not guessed. */
export const novaFinders: Record<`nova-${number}`, Finder> = {
  'nova-1': (scene) => only(signIn(scene)),
  'nova-2': (scene) => only(launchRequest(scene) ?? ownLog(scene, 'nova-api', /"POST \S*\/servers" status:/)),
  'nova-3': (scene) => tokenValidation(scene, 'nova-api', launchRequest(scene)),
  'nova-4': (scene) => {
    const [first, ...others] = databaseEntry(scene)
    return only(first ?? row(scene, 'nova_api.request_specs', 'nova_api.instance_mappings'), others)
  },
  'nova-5': (scene) => {
    const started = publish(scene, 'schedule_and_build_instances')
    return only(selectDestinations(scene), [started, deliveryOf(scene, started)])
  },
  'nova-6': (scene) =>
    only(deliveryOf(scene, selectDestinations(scene), 'nova-scheduler') ?? ownLog(scene, 'nova-scheduler', /./)),
  'nova-7': (scene) => {
    const reply = replyTo(scene, selectDestinations(scene))
    if (reply?.failure) return undefined
    return only(reply ?? ownLog(scene, 'placement-api', /"PUT \/allocations\//), scheduling(scene))
  },
  'nova-8': (scene) => only(build(scene)),
  'nova-9': (scene) => only(conductorCall(scene), [deliveryOf(scene, build(scene), 'nova-compute')]),
  'nova-10': (scene) => only(deliveryOf(scene, conductorCall(scene), 'nova-conductor')),
  'nova-11': (scene) => only(conductorRead(scene)),
  'nova-12': (scene) => only(replyTo(scene, conductorCall(scene))),
  'nova-13': (scene) => only(deliveryOf(scene, replyTo(scene, conductorCall(scene)), 'nova-compute')),
}
