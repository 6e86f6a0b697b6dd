/** How a service validated a token: by asking Keystone, or from memcached's copy of an earlier answer. */

import type { RestRequest } from './evidence.ts'
import type { Found } from './find.ts'
import { isAddress } from './observations.ts'
import type { Scene } from './scene.ts'

/** Looks between the request and its answer. A request to Keystone takes precedence over the cache. */
export function tokenValidation(scene: Scene, unit: string, request: RestRequest | undefined): Found | undefined {
  if (!request?.token) return undefined
  const { at, token, answer } = request
  const end = answer?.at ?? Number.POSITIVE_INFINITY
  const within = (one: { at: number; from: { unit: string } }) =>
    one.at >= at - 1 && one.at <= end && one.from.unit === unit
  const looked = scene.lookups.filter((one) => within(one) && one.key === `tokens/${token.replace('sha256:', '')}`)
  // A connection may end before its process could be looked up. Then it counts as this service's if the service missed
  // this token in the cache at that time.
  const missed = looked.some(({ hit }) => hit === false)
  const nameless = (one: RestRequest) => missed && isAddress(one.from.unit) && one.at >= at - 1 && one.at <= end
  const asked = scene.requests.find(
    (one) =>
      one.to.unit === 'keystone' && one.method === 'GET' && one.subject === token && (within(one) || nameless(one)),
  )
  if (asked) return { one: asked, more: looked.filter(({ hit }) => hit === false) }
  const hit = looked.find((one) => one.hit)
  return hit && { one: hit, more: [] }
}
