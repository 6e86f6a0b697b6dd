/** Refuses what would repair or change the things that a running exercise has broken. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from './errors.ts'

/** Of a checkout; it exists as long as an exercise runs. */
export const exerciseFile = (root: string) => join(root, '.lab', 'exercise.json')

export const isExerciseRunning = (root: string): boolean => existsSync(exerciseFile(root))

/** Throws LabError while an exercise runs. `command` is what is refused. */
export function expectNoExercise(root: string, command: string): void {
  if (!isExerciseRunning(root)) return
  throw new LabError([
    {
      where: '.lab/exercise.json',
      given: 'an exercise is running, and its faults are meant to be there',
      allowed: `no exercise during ${command}`,
      remedy: './lab exercise stop puts everything back',
    },
  ])
}
