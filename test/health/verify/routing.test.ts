import { describe, expect, test } from 'vitest'
import { judgeRouting, parseAnswers } from '../../../scripts/health/verify/routing.ts'
import { wrongData } from '../../../scripts/lab/documents/observation-data.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const lab = fixtureLab('lxc', { networking: 'self-service' })
const ids = { network: 'n1', other: 'n2', router: 'r1' }
const routing = { ...ids, mtu: 1450, fixed: '172.16.1.22', floating: '203.0.113.230' }
const good = 'overlay yes\nseparate no\nsource 172.16.1.2\nseen-as 203.0.113.115\nwhole yes\nover no\n'
const judge = (answers: string) => judgeRouting(lab, routing, parseAnswers(answers))

describe('the project network of a self-service lab', () => {
  test('is right where it answers on its own network alone, behind its router, up to its MTU', () => {
    expect(judge(good).map(({ id, ok, seen }) => [id, ok, seen])).toEqual([
      ['routing/overlay', true, '172.16.1.22 answers on the controller'],
      ['routing/separate', true, '172.16.1.22 does not answer on the other network'],
      ['routing/snat', true, '203.0.113.1 sees 172.16.1.2 as 203.0.113.115'],
      ['routing/mtu', true, 'to 203.0.113.230, unfragmented: 1450 bytes pass, 1451 bytes do not pass'],
    ])
  })

  test.each([
    ['overlay yes', 'overlay no', ['routing/overlay', 'routing/separate']],
    ['separate no', 'separate yes', ['routing/separate']],
    ['seen-as 203.0.113.115', 'seen-as 172.16.1.2', ['routing/snat']],
    ['seen-as 203.0.113.115\n', '', ['routing/snat']],
    ['whole yes', 'whole no', ['routing/mtu']],
    ['over no', 'over yes', ['routing/mtu']],
  ])('%s → %s', (from, to, wrong) => {
    const bad = judge(good.replace(from, to)).filter(({ ok }) => !ok)
    expect(bad.map(({ id }) => id)).toEqual(wrong)
    for (const { next } of bad) expect(next).not.toBe('')
  })

  test('says nothing of separation where nothing could be heard', () => {
    const separate = judge(good.replace('overlay yes', 'overlay no'))[1]
    expect(separate?.seen).toMatch(/^not tried/)
  })

  test('gives programs only values that are documented', () => {
    for (const answers of [good, good.replace('overlay yes', 'overlay no')]) {
      expect(judge(answers).flatMap(wrongData)).toEqual([])
    }
  })
})
