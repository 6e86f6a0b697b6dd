/** How a service validated a token: by asking Keystone, or with the answer that memcached still has. */

import type { RestRequest } from './evidence.ts'
import type { Found } from './find.ts'
import { isAddress } from './observations.ts'
import type { Scene } from './scene.ts'

/** Looked for between the request and its answer. Keystone's own word counts before the cache's. */
export function tokenValidation(scene: Scene, unit: string, request: RestRequest | undefined): Found | undefined {
  if (!request?.token) return undefined
  const { at, token, answer } = request
  const end = answer?.at ?? Number.POSITIVE_INFINITY
  const within = (one: { at: number; from: { unit: string } }) =>
    one.at >= at - 1 && one.at <= end && one.from.unit === unit
  const looked = scene.lookups.filter((one) => within(one) && one.key === `tokens/${token.replace('sha256:', '')}`)
  // A connection may be over before its process could be looked up. Then it is this service's if nobody else looked for
  // this token and missed it in this time.
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
