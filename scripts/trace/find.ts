/** What the search for one step gives: the observation that shows it, and others that belong to it. */

import type { Observation } from './evidence.ts'
import type { Scene } from './scene.ts'

export interface Found {
  one: Observation
  more: Observation[]
}

export type Finder = (scene: Scene) => Found | undefined
