import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cutPower, forgetEnding, isEnding, shutDown } from '../../scripts/nodes/domain.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

/** A lab whose libvirtd says that all runs, and whose nodes cannot be reached. */
function scratchLab() {
  const folder = temporaryFolder()
  const [bin, state] = [join(folder, 'bin'), join(folder, '.lab')]
  for (const path of [bin, state]) mkdirSync(path)
  writeFileSync(join(bin, 'virsh'), '#!/bin/sh\necho running\n', { mode: 0o755 })
  writeFileSync(join(bin, 'ip'), '#!/bin/sh\necho "RTNETLINK answers: Network is unreachable" >&2; exit 2\n', {
    mode: 0o755,
  })
  const usual = process.env['PATH']
  process.env['PATH'] = `${bin}:${usual}`
  onTestFinished(() => {
    process.env['PATH'] = usual
  })
  const base = fixtureLab('lxc')
  const lab = { ...base, timeScale: 0.01, paths: { ...base.paths, state } }
  const node = lab.nodes[0]!
  /** By a command that was killed before it saw the node off. */
  const tell = () => writeFileSync(join(state, `shutting-down-${node.name}`), '')
  return { lab, node, tell }
}

/** What libvirt says, one answer after the other. */
const saying =
  (...states: string[]) =>
  async () =>
    states.length > 1 ? states.shift()! : states[0]!

test('a node that a killed command has told to shut down is waited for, though its sshd has ended', async () => {
  const { lab, node, tell } = scratchLab()
  tell()
  expect(isEnding(lab, node)).toBe(true)
  await shutDown(lab, node, saying('running', 'running', 'shut off'))
  expect(isEnding(lab, node)).toBe(false)
})

test('it is marked from before it is told until it is seen off', async () => {
  const { lab, node } = scratchLab()
  const route = join(process.env['PATH']!.split(':')[0]!, 'ip')
  writeFileSync(
    route,
    `#!/bin/sh
ls '${lab.paths.state}' >&2; exit 2
`,
  )
  await expect(shutDown(lab, node, saying('running'))).rejects.toThrow(/shutting-down-controller/)
})

test('a node that cannot be told is an error, and not marked', async () => {
  const { lab, node } = scratchLab()
  await expect(shutDown(lab, node, saying('running'))).rejects.toThrow(/no route/)
  expect(isEnding(lab, node)).toBe(false)
})

test('a node that does not shut down stays marked', async () => {
  const { lab, node, tell } = scratchLab()
  tell()
  await expect(shutDown(lab, node, saying('running'))).rejects.toThrow(/is shut off[\s\S]*virsh destroy/)
  expect(isEnding(lab, node)).toBe(true)
})

test('one that is off, was switched off hard, or is another by now, is not', async () => {
  const { lab, node, tell } = scratchLab()
  for (const end of [
    () => shutDown(lab, node, saying('shut off')),
    () => cutPower(lab, node),
    async () => forgetEnding(lab, node),
  ]) {
    tell()
    expect(isEnding(lab, node)).toBe(true)
    await end()
    expect(isEnding(lab, node)).toBe(false)
  }
})
