/** Ctrl-C, on real processes on their own terminal. */

import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../fixtures/folder.ts'

const root = resolve(import.meta.dirname, '../../..')

/** A program with two steps: the first runs `first`, bash; the second prints that it ran. */
function program(first: string): string {
  return `
import { sayStopping, describeStopped } from '${root}/scripts/lab/stopping.ts'
import { terminalProgress } from '${root}/scripts/run/progress.ts'
import { runOnHost } from '${root}/scripts/run/process.ts'
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

/** One run: its output so far, and how to let its first step end. */
interface Run {
  says(words: string): Promise<void>
  press(): void
  /** Lets the waiting step end. */
  release(): void
  ended: Promise<{ exitCode: number; output: string }>
}

/** Returns when the first step is running. One file tells that it runs, another lets it end. */
async function start(first: (begun: string, go: string) => string): Promise<Run> {
  const folder = temporaryFolder()
  const [file, begun, go] = [join(folder, 'program.mts'), join(folder, 'begun'), join(folder, 'go')]
  writeFileSync(file, program(first(begun, go)))
  // A separate process group, which receives the signal as a whole, as from a terminal.
  const child = spawn(process.execPath, ['scripts/run.mjs', file], { cwd: root, detached: true })
  // What a failed test left running is ended with it.
  onTestFinished(() => {
    if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL')
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const ended = new Promise<number>((done) => child.on('close', (code) => done(code ?? 1)))
  const until = async (holds: () => boolean) => {
    while (child.exitCode === null && !holds()) await sleep(10)
  }
  await until(() => existsSync(begun))
  return {
    says: (words) => until(() => output.includes(words)),
    press: () => process.kill(-child.pid!, 'SIGINT'),
    release: () => writeFileSync(go, ''),
    ended: ended.then((exitCode) => ({ exitCode, output })),
  }
}

const patient = (begun: string, go: string) => `trap '' INT; : >${begun}; until [ -e ${go} ]; do sleep 0.05; done`
const ordinary = (begun: string) => `: >${begun}; exec sleep 30`

test('once: running steps may end, nothing new starts, and the message says what is safe next', async () => {
  const run = await start(patient)
  run.press()
  await run.says('stopping: no new step starts')
  run.release()
  const { exitCode, output } = await run.ended
  expect(exitCode).toBe(130)
  expect(output).toContain('stopping: no new step starts')
  expect(output).toContain('✓ first')
  expect(output).not.toContain('SECOND RAN')
  expect(output).toMatch(/StoppedError.*Safe to do next:\n\s+\.\/lab up/s)
})

test('a program that Ctrl-C ended is shown as stopped, not as failed', async () => {
  const run = await start(ordinary)
  run.press()
  const { exitCode, output } = await run.ended
  expect(exitCode).toBe(130)
  expect(output).toContain('■ first')
  expect(output).not.toContain('✗')
})

test('twice: at once, with what that may leave', async () => {
  const run = await start(patient)
  run.press()
  await run.says('stopping: no new step starts')
  run.press()
  await run.says('stopped at once')
  run.release()
  const { exitCode, output } = await run.ended
  expect(exitCode).toBe(130)
  expect(output).toContain('stopped at once')
  expect(output).not.toContain('✓ first')
})
