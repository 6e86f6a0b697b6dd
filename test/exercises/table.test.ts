/** The exercises as data: each is whole, hides its cause, and its scripts are valid. */

import { execaSync } from 'execa'
import { describe, expect, test } from 'vitest'
import { hypervisors } from '../../scripts/declaration/lab.ts'
import { byService, profileOf } from '../../scripts/declaration/service-profiles.ts'
import { nodeBreaks } from '../../scripts/exercises/breaks.ts'
import type { Exercise, NodeChange } from '../../scripts/exercises/exercise.ts'
import { breakScript, nodesOf, restoreScript } from '../../scripts/exercises/node-changes.ts'
import { missingFor } from '../../scripts/exercises/ready.ts'
import { exercises } from '../../scripts/exercises/table/index.ts'
import { textsOf } from '../../scripts/exercises/texts.ts'
import { judge } from '../docs/judge-command.ts'
import { wrongRepairs } from '../faults/wrong-repairs.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('lxc')
const all = Object.entries(exercises)
const repairs = all.filter(([, { kind }]) => kind === 'repair')
const builds = all.filter(([, { kind }]) => kind === 'build')

const nodeChanges = ({ changes }: Exercise) => changes.filter((one): one is NodeChange => 'on' in one)

test.each(hypervisors)('at least fifteen are offered on %s nodes, also without the optional services', (hypervisor) => {
  const bare = byService((name) => !profileOf(name).optional)
  for (const lab of [fixtureLab(hypervisor), fixtureLab(hypervisor, { services: bare })])
    expect(all.filter(([, exercise]) => missingFor(lab, exercise).length === 0).length).toBeGreaterThanOrEqual(15)
})

test('what cannot be noticed on virtual machines is not offered there', () => {
  const missing = (hypervisor: 'lxc' | 'qemu') => missingFor(fixtureLab(hypervisor), exercises['large-packets']!)
  expect(missing('lxc')).toEqual([])
  expect(missing('qemu').map(({ what }) => what)).toEqual(['container nodes'])
})

test('the fault tests try a wrong repair of each', () => {
  expect(Object.keys(wrongRepairs).sort()).toEqual(all.map(([name]) => name).sort())
})

test('at least three build something; the easy ones come first', () => {
  expect(builds.length).toBeGreaterThanOrEqual(3)
  expect(all.map(([, { level }]) => level)).toEqual(all.map(([, { level }]) => level).toSorted())
})

describe.each(all)('%s', (name, exercise) => {
  const { texts, korean, kind, changes, wanted, solution } = exercise

  test('has a task, three hints, an answer, a check and a solution', () => {
    for (const text of [texts.title, texts.task, ...texts.hints, texts.answer]) expect(text.length).toBeGreaterThan(10)
    expect(texts.hints).toHaveLength(3)
    expect(exercise.check).toBeTypeOf('function')
    expect(solution(lab).length).toBeGreaterThan(0)
    expect(solution(fixtureLab('lxc', { networking: 'self-service' })).length).toBeGreaterThan(0)
  })

  test('changes something that it can restore, or names what it wants', () => {
    if (kind === 'build') expect([changes.length, wanted === undefined]).toEqual([0, false])
    else expect([changes.length > 0, wanted]).toEqual([true, undefined])
    for (const change of changes) expect(change.restore).toBeTruthy()
  })

  test('name, title and task give away neither a unit nor a file', () => {
    const units = /nova-(?!api|compute)[a-z]+|neutron-|cinder-|rabbit|fernet|quota|dhcp-agent|mtu|iptables|\/etc\//i
    expect(`${name} ${texts.title} ${texts.task}`).not.toMatch(units)
  })

  test('never changes the clock or the kernel of the machine', () => {
    for (const { break: text } of nodeChanges(exercise))
      expect(text).not.toMatch(/\bdate\b|modprobe|sysctl|chrony|reboot/)
  })

  test('its scripts are valid for bash', () => {
    for (const change of nodeChanges(exercise)) {
      for (const input of [breakScript(change), restoreScript(change)]) execaSync('bash', ['-n'], { input })
    }
    execaSync('bash', ['-n'], { input: solution(lab).join('\n') })
  })

  test('the commands in its hints exist', async () => {
    const named = [...texts.hints, ...(korean?.hints ?? [])].flatMap((hint) =>
      [...textsOf({ texts: { ...texts, task: hint } }, 'en', lab).task.matchAll(/\.\/lab [a-z]+(?: --?[a-z-]+)*/g)].map(
        ([command]) => command,
      ),
    )
    const first = named.map((command) => command.split(' ').slice(0, 2).join(' '))
    const { commands } = await import('../../scripts/lab/commands.ts')
    for (const command of first) expect(Object.keys(commands)).toContain(command.split(' ')[1])
  })
})

test('the first five are in Korean as well, with the same commands in the hints', () => {
  const commandsOf = (text: string) => text.match(/\.\/lab [a-z0-9 -]+[a-z]/gi) ?? []
  const first = all.slice(0, 5)
  expect(first.map(([, { korean }]) => korean !== undefined)).toEqual([true, true, true, true, true])
  for (const [, { texts, korean }] of all) {
    if (!korean) continue
    expect(korean.task.match(/[가-힣]/g)!.length).toBeGreaterThan(30)
    for (const [index, hint] of korean.hints.entries()) {
      expect(commandsOf(hint).length).toBe(commandsOf(texts.hints[index]!).length)
    }
  }
})

test('the texts have the names of the lab, and English where there is no translation', () => {
  const exercise = exercises['silent-server']!
  expect(textsOf(exercise, 'en', lab).task).toContain('"The server server1 answered')
  expect(textsOf(exercise, 'ko', lab).title).toBe('응답하지 않는 서버')
  expect(textsOf({ texts: exercise.texts }, 'ko', lab).title).toBe(exercise.texts.title)
})

test('with several compute nodes a fault on one of them is made on all: instances would go to the others', () => {
  const [controller, compute] = lab.nodes
  const two = { ...lab, nodes: [controller!, compute!, { ...compute!, name: 'compute2' }] }
  expect(nodesOf(two, { on: 'compute' }).map(({ name }) => name)).toEqual(['compute1', 'compute2'])
})

test('faults of the doctor are used by an exercise', () => {
  const used = new Set(repairs.flatMap(([, exercise]) => nodeChanges(exercise)).map(breakScript))
  const unused = Object.entries(nodeBreaks).filter(([name, one]) => !used.has(breakScript(one)) && name !== 'nothing')
  expect(unused).toEqual([])
})

test('the commands of the solutions are commands of ./lab', async () => {
  const lines = all
    .flatMap(([, { solution }]) => solution(lab))
    .filter((line) => /^\.\/lab (ssh|openstack) /.test(line))
  expect(lines.length).toBeGreaterThan(15)
  const plain = lines.map((line) => line.replaceAll(/'[^']*'|"[^"]*"|\$\(.*\)/g, 'x').replace(/ \| .*/, ''))
  expect((await Promise.all(plain.map(judge))).flat()).toEqual([])
})
