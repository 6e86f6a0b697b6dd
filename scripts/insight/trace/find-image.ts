/** Finds each step of the text's image flow in the observations; undefined if it is not there. */

import { answerTo, type Finder, only, ownLog } from './find.ts'
import { tokenValidation } from './find-token.ts'
import { isOurs, type Scene } from './scene.ts'

const imageRequest = (scene: Scene, path: RegExp) =>
  scene.requests.find(
    (one) =>
      one.from.unit === 'nova-compute' &&
      one.to.unit === 'glance-api' &&
      path.test(one.path) &&
      one.path.includes(scene.ids.image ?? ' ') &&
      isOurs(scene, one),
  )

export const imageFinders: Record<`image-${number}`, Finder> = {
  'image-1': (scene) => only(imageRequest(scene, /\/v2\/images\/[^/]+$/) ?? imageRequest(scene, /\/file$/)),
  'image-2': (scene) =>
    tokenValidation(scene, 'glance-api', imageRequest(scene, /\/v2\/images\/[^/]+$/) ?? imageRequest(scene, /\/file$/)),
  'image-3': (scene) => {
    const file = imageRequest(scene, /\/file$/)
    return answerTo(file) ?? only(ownLog(scene, 'glance-api', /"GET \S*\/file HTTP[^"]*" 200/))
  },
}
