/** All exercises, in the order in which a class would do them. */

import type { Exercise } from '../exercise.ts'
import { building } from './building.ts'
import { korean } from './korean.ts'
import { launches } from './launches.ts'
import { networks } from './networks.ts'
import { services } from './services.ts'

const all: Readonly<Record<string, Exercise>> = { ...launches, ...networks, ...services, ...building }

/** By name. A name says what a user sees, never the cause. */
export const exercises: Readonly<Record<string, Exercise>> = Object.fromEntries(
  Object.entries(all)
    .map(([name, exercise]) => [name, korean[name] ? { ...exercise, korean: korean[name] } : exercise] as const)
    .toSorted(([, a], [, b]) => a.level - b.level),
)
