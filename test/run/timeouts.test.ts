import { expect, test } from 'vitest'
import { scaled } from '../../scripts/run/timeouts.ts'
import { renderTimeouts } from '../../scripts/run/timeouts-page.ts'

test('docs/reference/limits.md has every timeout of the table (run with -u to regenerate it)', async () => {
  await expect(renderTimeouts()).toMatchFileSnapshot('../../docs/reference/limits.md')
})

test("a timeout grows with the lab's time scale, up to its own limit", () => {
  const slow = { timeScale: 12 }
  expect(scaled(slow, { seconds: 30, for: '' })).toBe(360)
  expect(scaled(slow, { seconds: 30, for: '', largestScale: 5 })).toBe(150)
  expect(scaled(slow, { seconds: 30, for: '', largestScale: 1 })).toBe(30)
  expect(scaled({ timeScale: 1 }, { seconds: 30, for: '', largestScale: 5 })).toBe(30)
})
