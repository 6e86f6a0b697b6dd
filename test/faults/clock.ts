/** A wall clock that steps while a command runs, as its programs see it. This machine's own clock is not changed. */

import { renameSync, writeFileSync } from 'node:fs'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { type Copy, userSettings } from '../harness/copy.ts'

/** Of Debian's libfaketime. */
const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'

/** The offsets of the clock, one after the other. */
export const offsets = ['+1h', '+0', '-1h', '+0']

interface Ended {
  exitCode: number | undefined
  output: string
  /** How often the clock stepped. */
  steps: number
}

/**
 * Node, ssh and the shells see the changed clock, Terraform does not: Go asks the kernel itself. The monotonic clock is
 * not changed, as a step of the real clock would not change it either.
 */
export async function runUnderSteppingClock(copy: Copy, file: string, ...args: string[]): Promise<Ended> {
  await access(library).catch(() => {
    throw new Error(`${library} is not there: apt-get install libfaketime`)
  })
  const folder = await mkdtemp(join(tmpdir(), 'duostack-clock-'))
  const clock = join(folder, 'offset')
  await writeFile(clock, '+0')
  const faked = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: clock,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
    // What was written before a step keeps its time.
    NO_FAKE_STAT: '1',
  }
  let steps = 0
  const timer = setInterval(() => {
    const offset = offsets[steps++ % offsets.length]!
    // Renamed into place, so that nobody reads a partial file.
    writeFileSync(`${clock}.new`, offset)
    renameSync(`${clock}.new`, clock)
  }, 1500)
  try {
    const run = await execa(file, args, userSettings(copy.root, faked))
    return { exitCode: run.exitCode, output: run.all, steps }
  } finally {
    clearInterval(timer)
    await rm(folder, { recursive: true })
  }
}
