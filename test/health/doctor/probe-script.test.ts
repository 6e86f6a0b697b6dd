import { execa } from 'execa'
import { expect, test } from 'vitest'
import { composeProbes, parseProbes } from '../../../scripts/health/doctor/probe-script.ts'

const run = (...scripts: string[]) => runFor(30, scripts)

async function runFor(seconds: number, scripts: readonly string[]) {
  const probes = scripts.map((script) => ({ script, seconds }))
  // As a node gets it.
  const { stdout } = await execa('bash', ['-s'], { input: `set -euo pipefail\n${composeProbes(probes)}` })
  return parseProbes(stdout, probes.length)
}

test.concurrent('each probe gives its own output and exit code, in their order', async () => {
  const slow = 'sleep 0.3; echo first'
  expect(await run(slow, 'echo second >&2; exit 3', 'printf "two\\nlines"')).toEqual([
    { text: 'first\n', exitCode: 0 },
    { text: 'second\n', exitCode: 3 },
    { text: 'two\nlines', exitCode: 0 },
  ])
})

test.concurrent('a probe that takes too long is killed, and the others are not', async () => {
  const [slow, quick] = await runFor(2, ['echo begun; sleep 30', 'echo quick'])
  expect(slow).toEqual({ text: 'begun\n', exitCode: 124 })
  expect(quick?.text).toBe('quick\n')
})

test.concurrent('a probe is in no argv, reads nothing, and may contain anything', async () => {
  const [seen] = await run(
    `cat; grep -c needle-in-argv /proc/$$/cmdline; echo '@@ 0 0 x'\nduostack=1; echo "$duostack"`,
  )
  expect(seen?.text).toBe('0\n@@ 0 0 x\n1\n')
})

test.concurrent('more probes than run in parallel all answer', async () => {
  const answers = await run(...Array.from({ length: 30 }, (_, index) => `echo ${index}`))
  expect(answers.map((answer) => answer?.text.trim())).toEqual(Array.from({ length: 30 }, (_, index) => String(index)))
})

test('truncated output leaves the rest undefined', () => {
  expect(parseProbes('@@ 0 0 aGk=\n@@ 1 ', 2)).toEqual([{ text: 'hi', exitCode: 0 }, undefined])
})
