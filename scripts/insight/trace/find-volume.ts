/** Finds each step of the text's volume flow in the observations; undefined if it is not there. */

import { answerTo, type Finder, only, ownLog } from './find.ts'
import { tokenValidation } from './find-token.ts'
import { isOurs, type Scene } from './scene.ts'

const attachment = (scene: Scene) =>
  scene.requests.find(
    (one) =>
      one.from.unit === 'nova-compute' &&
      one.to.unit === 'cinder-api' &&
      one.method === 'PUT' &&
      /\/attachments\//.test(one.path) &&
      isOurs(scene, one),
  )

const reservation = (scene: Scene) =>
  scene.requests.find(
    (one) =>
      one.to.unit === 'cinder-api' && one.method === 'POST' && /\/attachments$/.test(one.path) && isOurs(scene, one),
  )

export const volumeFinders: Record<`volume-${number}`, Finder> = {
  'volume-1': (scene) =>
    only(attachment(scene) ?? ownLog(scene, 'cinder-api', /PUT \S*\/attachments\//), [reservation(scene)]),
  'volume-2': (scene) => tokenValidation(scene, 'cinder-api', attachment(scene)),
  'volume-3': (scene) =>
    answerTo(attachment(scene)) ?? only(ownLog(scene, 'cinder-api', /\/attachments\/\S* returned with HTTP 200/)),
}
