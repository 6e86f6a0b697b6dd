/** What the page says of an error of the lab. */

import { expect, test } from 'vitest'
import { messageOf } from '../../../scripts/insight/live/watch-lab.ts'

test('an error whose command is a whole script stays short', () => {
  const long = messageOf(new Error(`controller: read the topology: ${'ip netns exec '.repeat(500)}`))
  expect(long).toMatch(/^controller: read the topology: ip netns exec .*…$/)
  expect(long).toHaveLength(400)
  expect(messageOf(new Error('one\ntwo\nthree\nfour'))).toBe('one; two; three')
})
