/** Ctrl-C, on real processes in a terminal of their own. */

import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../fixtures/folder.ts'

const root = resolve(import.meta.dirname, '../..')

/** A program with two steps: the first takes `first`, bash; the second says that it ran. */
function program(first: string): string {
  return `
import { sayStopping, describeStopped } from '${root}/scripts/lab/stopping.ts'
import { terminalProgress } from '${root}/scripts/progress.ts'
import { runOnHost } from '${root}/scripts/host/process.ts'
sayStopping('up')
const progress = terminalProgress()
try {
  await progress.step('first', () => runOnHost('bash', ['-c', ${JSON.stringify(first)}], { step: 'first' }))
  await progress.step('second', async () => console.log('SECOND RAN'))
} catch (error) {
  console.log(error.name, describeStopped('up'))
  process.exit(130)
}
`
}

/** Runs it where only it hears the signals; presses Ctrl-C as often as asked. */
async function press(times: number, first: string): Promise<{ exitCode: number; output: string }> {
  const folder = temporaryFolder()
  const [file, begun] = [join(folder, 'program.mts'), join(folder, 'begun')]
  writeFileSync(file, program(`: >${begun}; ${first}`))
  // A process group of its own, which gets the signal as a whole, as a terminal would give it.
  const child = spawn(process.execPath, ['--import', 'tsx', file], { cwd: root, detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const ended = new Promise<number>((done) => child.on('exit', (code) => done(code ?? 1)))
  while (child.exitCode === null && !existsSync(begun)) await sleep(50)
  for (let press = 0; press < times; press++) {
    process.kill(-child.pid!, 'SIGINT')
    await sleep(300)
  }
  return { exitCode: await ended, output }
}

const patient = `trap '' INT; sleep 3; exit 0`
const ordinary = 'exec sleep 30'

test('once: what runs ends as it can, nothing new begins, and it is said what is safe next', async () => {
  const { exitCode, output } = await press(1, patient)
  expect(exitCode).toBe(130)
  expect(output).toContain('stopping in order')
  expect(output).toContain('✓ first')
  expect(output).not.toContain('SECOND RAN')
  expect(output).toMatch(/StoppedError.*Safe to do next:\n\s+\.\/lab up/s)
})

test('a program that Ctrl-C ended is shown as stopped, not as failed', async () => {
  const { exitCode, output } = await press(1, ordinary)
  expect(exitCode).toBe(130)
  expect(output).toContain('■ first')
  expect(output).not.toContain('✗')
})

test('twice: at once, with what that may leave', async () => {
  const { exitCode, output } = await press(2, patient)
  expect(exitCode).toBe(130)
  expect(output).toContain('stopped at once')
  expect(output).not.toContain('✓ first')
})
