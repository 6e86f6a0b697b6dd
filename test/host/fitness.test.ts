/** `up` refuses exactly what `doctor --host` reports as wrong, on any machine. */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LabError } from '../../scripts/declaration/errors.ts'
import type { HostFacts } from '../../scripts/host/facts.ts'
import { judge, readFitness } from '../../scripts/host/fitness.ts'
import { resolveKinds } from '../../scripts/host/kinds.ts'
import { checkHost } from '../../scripts/host/preflight.ts'
import { reportOf, showHostReport } from '../../scripts/host/report.ts'
import { declaration as declared, fitMachine, wanted } from './facts.ts'

const declaration = { ...declared, hypervisor: 'lxc' as const, isolation: 'auto' as const }
const room = (freeMiB: number) => ({ disks: fitMachine.disks.map((disk) => ({ ...disk, freeMiB })) })

/** What both say about a machine: one in its refusal, the other in its report. */
async function bothOn(facts: HostFacts) {
  const kinds = await resolveKinds(declaration, undefined, facts)
  const standing = { living: false, nodes: [] }
  const judged = { declaration, standing, facts, kinds, wanted: { ...wanted, declaration }, asked: {} }
  const lines = judge(judged)
  const refused = lines.flatMap(({ verdict, findings }) => (verdict === 'wrong' ? findings : []))
  return { refused, report: showHostReport(reportOf(lines, kinds)), checked: checkHost(facts, judged.wanted) }
}

test.each<[string, Partial<HostFacts>, fit: boolean]>([
  ['nothing', {}, true],
  ['30 GiB free', room(30 * 1024), true],
  ['5 GiB free', room(5 * 1024), false],
  ['no rights', { root: false }, false],
  ['inotify used up', { inotify: { free: 2, limit: 128 } }, false],
  ['an overlay', { disks: fitMachine.disks.map((disk) => ({ ...disk, noUpper: 'overlay' })) }, false],
  ['the wrong system and little memory', { memory: { totalMiB: 4000, availableMiB: 100 }, root: false }, false],
])('with %s', async (_, facts, fit) => {
  const { refused, report, checked } = await bothOn({ ...fitMachine, ...facts })
  expect(refused).toEqual(checked)
  expect(refused.length === 0).toBe(fit)
  expect(report.includes('this machine can run the lab')).toBe(fit)
  const said = new LabError(refused).message
  // Each finding in the words of the refusal, with the report's mark.
  for (const line of said.split('\n').filter(Boolean)) expect(report).toContain(line.trim())
  expect(report.match(/✗/g)?.length ?? 0).toBe(refused.length)
})

test('the messages about this machine are the same for both', async () => {
  const root = join(import.meta.dirname, '../..')
  const { lines, wrong, kinds } = await readFitness(root)
  const report = reportOf(lines, kinds)
  expect(report.fit).toBe(wrong.length === 0)
  expect(report.lines.filter(({ verdict }) => verdict === 'wrong').flatMap(({ findings }) => findings)).toEqual(wrong)
})
