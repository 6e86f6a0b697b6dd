import { expect, test } from 'vitest'
import { NotReadyError } from '../../scripts/declaration/errors.ts'
import { poll, waitFor } from '../../scripts/run/wait-for.ts'

const native = { timeScale: 0.01 }
const wait = { what: 'the volume is there', timeoutSeconds: 60, next: './lab status' }

test('returns what was found, as soon as it is found', async () => {
  let looks = 0
  expect(await waitFor(native, wait, async () => (++looks < 3 ? { now: 'creating' } : { found: 'vdb' }))).toBe('vdb')
  expect(looks).toBe(3)
})

test('the result may be undefined', async () => {
  expect(await waitFor(native, wait, async () => ({ found: undefined }))).toBeUndefined()
})

test('what cannot happen any more is not waited for', async () => {
  let looks = 0
  const look = async () => ({ now: `error ${++looks}`, lost: true })
  await expect(waitFor(native, wait, look)).rejects.toThrow(/the volume is there[\s\S]*error 1[\s\S]*\.\/lab status/)
  expect(looks).toBe(1)
})

test('the timeout is for native speed, and the check is told how long it has waited', async () => {
  const told: number[] = []
  const short = { ...wait, timeoutSeconds: 0.5, pauseSeconds: 30 }
  const look = async (waited: number) => {
    told.push(Math.round(waited))
    return { now: 'creating' }
  }
  await expect(waitFor({ timeScale: 0.02 }, short, look)).rejects.toThrow(NotReadyError)
  expect(told).toEqual([0, 1])
})

test('polling returns the last result when the time is up, and checks once if there is no time', async () => {
  let looks = 0
  const look = async () => ++looks
  expect((await poll(native, { timeoutSeconds: 5 }, look, () => false)).seen).toBeGreaterThan(1)
  looks = 0
  expect((await poll(native, { timeoutSeconds: 0 }, look, () => false)).seen).toBe(1)
})

test('a look that hangs for the whole time is not the only one', async () => {
  let looks = 0
  const look = async () => {
    if (++looks === 1) await new Promise((resolve) => setTimeout(resolve, 60))
    return looks
  }
  expect((await poll(native, { timeoutSeconds: 5 }, look, (seen) => seen === 2)).seen).toBe(2)
})

test('a busy machine gets more time, depending on its current load', async () => {
  let looks = 0
  const crowded = { timeoutSeconds: 1, crowding: () => (looks < 3 ? 100 : 1) }
  await poll(
    native,
    crowded,
    async () => ++looks,
    () => false,
  )
  expect(looks).toBe(3)
})
