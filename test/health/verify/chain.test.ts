import { expect, test } from 'vitest'
import { NotReadyError } from '../../../scripts/declaration/errors.ts'
import { expectSeen, observeChain } from '../../../scripts/health/verify/chain.ts'
import { showObservations } from '../../../scripts/health/verify/text.ts'

const good = (what: string) => ({ id: what, what, see: async () => `${what} seen` })
const bad = (what: string, error: Error) => ({ id: what, what, see: () => Promise.reject(error) })

test('each line follows the previous one and reports what was seen', async () => {
  const said: string[] = []
  const lines = await observeChain([good('one'), good('two')], 'look', (what) => said.push(what))
  expect(lines).toEqual([
    { id: 'one', what: 'one', ok: true, seen: 'one seen', next: '' },
    { id: 'two', what: 'two', ok: true, seen: 'two seen', next: '' },
  ])
  expect(said).toEqual(['one', 'two'])
})

test('after a line that fails, the rest is not tried and says why', async () => {
  const error = new NotReadyError('volume in-use', 9, 'attaching', './lab logs')
  const lines = await observeChain([bad('attached', error), good('written'), good('detached')], 'look', () => {})
  expect(lines).toMatchObject([
    { ok: false, seen: 'volume in-use: attaching', next: './lab logs' },
    { ok: false, seen: 'not tried: attached does not hold' },
    { ok: false, seen: 'not tried: attached does not hold' },
  ])
})

test('an error without its own place to look gets that of the chain', async () => {
  const [line] = await observeChain(
    [{ id: 'same', what: 'same', see: async () => expectSeen(false, '1 of 2 blocks') }],
    'look',
    () => {},
  )
  expect(line).toEqual({ id: 'same', what: 'same', ok: false, seen: '1 of 2 blocks', next: 'look' })
})

test('how many failed, and how many of the rest were not run because of them', async () => {
  const lines = await observeChain([good('a'), bad('b', new Error('gone')), good('c'), good('d')], 'look', () => {})
  expect(showObservations(lines)).toMatch(/\n1 of 4 checks failed, and 2 that depend on them were not run$/)
})
