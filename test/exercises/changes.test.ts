/** Killed at any moment, what start changed can be put back from what was noted by then. */

import { expect, test } from 'vitest'
import { type Hands, makeChanges, undoChanges } from '../../scripts/exercises/changes.ts'
import type { Change, CloudChange } from '../../scripts/exercises/exercise.ts'

/** Settings of a cloud. Each change sets one to `broken`. */
type World = Record<string, string>

const settingOf = new WeakMap<object, string>()

function changeOf(setting: string): Change {
  const change = {} as CloudChange
  settingOf.set(change, setting)
  return change
}

/** Ends the work, like a kill, before the operation of this number; half of an operation may be done then. */
function handsOn(world: World, killAt = Number.POSITIVE_INFINITY): Hands {
  let count = 0
  const live = () => {
    if (count++ >= killAt) throw new Error('killed')
  }
  const of = (change: Change) => settingOf.get(change)!
  return {
    async read(change) {
      live()
      return world[of(change)]
    },
    async apply(change) {
      live()
      world[of(change)] = 'half'
      live()
      world[of(change)] = 'broken'
    },
    async restore(change, before) {
      live()
      world[of(change)] = String(before)
    },
  }
}

const changes = ['quota', 'port', 'unit'].map(changeOf)
const whole: World = { quota: '10', port: 'a', unit: 'active', other: 'mine' }

/** `start` until it is killed; gives what was noted. */
async function startUntil(world: World, killAt: number): Promise<readonly unknown[]> {
  let noted: readonly unknown[] = []
  await makeChanges(changes, handsOn(world, killAt), (before) => {
    noted = [...before]
  }).catch(() => {})
  return noted
}

test('start breaks everything', async () => {
  const world = { ...whole }
  expect(await startUntil(world, 99)).toEqual(['10', 'a', 'active'])
  expect(world).toEqual({ quota: 'broken', port: 'broken', unit: 'broken', other: 'mine' })
})

test.each(Array.from({ length: 10 }, (_, killAt) => killAt))('killed at step %s, stop restores', async (killAt) => {
  const world = { ...whole }
  const noted = await startUntil(world, killAt)
  await undoChanges(changes, handsOn(world), noted)
  expect(world).toEqual(whole)
})

test.each([0, 1, 2, 3])('a stop that is killed at step %s is finished by the next', async (killAt) => {
  const world = { ...whole }
  const noted = await startUntil(world, 99)
  await undoChanges(changes, handsOn(world, killAt), noted).catch(() => {})
  await undoChanges(changes, handsOn(world), noted)
  expect(world).toEqual(whole)
})
