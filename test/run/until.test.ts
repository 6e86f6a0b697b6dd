import { expect, test } from 'vitest'
import { NotReadyError } from '../../scripts/declaration/errors.ts'
import { until } from '../../scripts/run/until.ts'

const native = { timeScale: 0.01 }
const wait = { what: 'the volume is there', seconds: 60, next: './lab status' }

test('gives what was found, as soon as it is', async () => {
  let looks = 0
  expect(await until(native, wait, async () => (++looks < 3 ? { now: 'creating' } : { found: 'vdb' }))).toBe('vdb')
  expect(looks).toBe(3)
})

test('what is found may be nothing', async () => {
  expect(await until(native, wait, async () => ({ found: undefined }))).toBeUndefined()
})

test('what will never come is not waited for', async () => {
  let looks = 0
  const look = async () => ({ now: `error ${++looks}`, lost: true })
  await expect(until(native, wait, look)).rejects.toThrow(/the volume is there[\s\S]*error 1[\s\S]*\.\/lab status/)
  expect(looks).toBe(1)
})

test('the deadline is at native speed, and the look is told how long it has been', async () => {
  const told: number[] = []
  const short = { ...wait, seconds: 0.5, pauseSeconds: 30 }
  const look = async (waited: number) => {
    told.push(waited)
    return { now: 'creating' }
  }
  await expect(until({ timeScale: 0.02 }, short, look)).rejects.toThrow(NotReadyError)
  expect(told).toEqual([0, 1])
})
