import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { atOnce } from '../../scripts/run/at-once.ts'

test('gives the results in the order of the items, with so many at a time', async () => {
  let [running, most] = [0, 0]
  const results = await atOnce(3, [5, 1, 4, 2, 3, 0], async (item) => {
    most = Math.max(most, ++running)
    await sleep(item)
    running--
    return item * 2
  })
  expect(results).toEqual([10, 2, 8, 4, 6, 0])
  expect(most).toBe(3)
})

test('after a failure begins nothing more, and throws it when what was begun has ended', async () => {
  const ended: number[] = []
  const running = atOnce(2, [1, 2, 3, 4], async (item) => {
    if (item === 1) throw new Error('no')
    await sleep(5)
    ended.push(item)
  })
  await expect(running).rejects.toThrow('no')
  expect(ended).toEqual([2])
})

test('of nothing gives nothing', async () => {
  expect(await atOnce(3, [], async () => 1)).toEqual([])
})
