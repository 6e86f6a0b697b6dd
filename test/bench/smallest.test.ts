/** The search for the smallest amount of memory, without labs. */

import { expect, test } from 'vitest'
import { leastThatPasses, unitsStartedAgain } from '../../bench/smallest.ts'

async function search(needed: number, known: number): Promise<{ found: number; tried: number[] }> {
  const tried: number[] = []
  const found = await leastThatPasses({ least: 1024, step: 128 }, known, async (value) => {
    tried.push(value)
    return value >= needed
  })
  return { found, tried }
}

test('the smallest size that passes is found, to the step, without trying what is known to pass', async () => {
  for (let needed = 900; needed <= 3072; needed += 50) {
    const { found, tried } = await search(needed, 3072)
    expect(found).toBe(Math.max(1024, 1024 + 128 * Math.ceil((needed - 1024) / 128)))
    expect(tried).not.toContain(3072)
    expect(tried.length).toBeLessThanOrEqual(5)
  }
})

test('if nothing smaller passes, the known size is the result', async () => {
  expect((await search(9999, 3000)).found).toBe(3000)
  expect((await search(9999, 1024)).tried).toEqual([])
})

test('units that systemd restarted are named', () => {
  const output =
    'NRestarts=0\nId=cron.service\n\nId=mariadb.service\nNRestarts=2\n\nNRestarts=10\nId=nova-api.service\n'
  expect(unitsStartedAgain(output)).toEqual(['mariadb.service', 'nova-api.service'])
})
