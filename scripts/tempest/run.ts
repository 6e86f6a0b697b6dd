/** One run of Tempest against the lab: prepares cloud and folder, runs the tests, leaves nothing in the cloud. */

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CloudClient, openCloud } from '../cloud/client.ts'
import { CommandError } from '../declaration/errors.ts'
import { replaceFile } from '../declaration/files.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import type { TempestTree } from '../image/tempest-tree.ts'
import { isStopping, StoppedError, untilStopped } from '../run/progress/stop.ts'
import type { Progress } from '../run/progress.ts'
import { visible } from '../terminal/visible.ts'
import { renderTempestConf } from './conf.ts'
import { runInTree } from './enter-tree.ts'
import { expectationsOf } from './expectations.ts'
import { recordBefore, removeLeftovers } from './leftovers.ts'
import { prepareCloud, removeOwn } from './living.ts'
import { foldResults, type Line, type Outcome, outcomeOf, parseLine } from './results.ts'
import { nameOf, type Test } from './selection.ts'

export interface Run {
  lab: Lab
  tree: TempestTree
  tests: readonly Test[]
  /** How many at a time. */
  concurrency: number
}

/** `.lab/tempest`: the settings, Tempest's own log, and its memory of earlier runs. */
const folderOf = (lab: Lab) => join(lab.paths.state, 'tempest')

/** Removes what earlier runs have left and Tempest has made; gives it. The second time there is nothing. */
export async function cleanUp(cloud: CloudClient, lab: Lab): Promise<string[]> {
  const removed = await removeLeftovers(cloud, lab)
  await removeOwn(cloud, lab)
  return removed
}

async function prepareFolder(cloud: CloudClient, { lab }: Run, tests: readonly Test[]): Promise<string> {
  const folder = folderOf(lab)
  mkdirSync(join(folder, 'lock'), { recursive: true, mode: 0o700 })
  // The password is not left behind if it cannot be written anew; a log is that of one run.
  for (const name of ['tempest.conf', 'tempest.log']) rmSync(join(folder, name), { force: true })
  const living = await prepareCloud(cloud, lab)
  replaceFile(join(folder, 'tempest.conf'), renderTempestConf(lab, loadSecrets(lab.root), living))
  writeFileSync(join(folder, 'selected'), tests.map(({ full }) => `${full}\n`).join(''))
  for (const name of ['results.py', 'run-tests.sh']) copyFileSync(join(import.meta.dirname, name), join(folder, name))
  if (tests.some(({ name }) => name.startsWith('tempest.scenario.'))) {
    copyFileSync(lab.paths.testImage, join(folder, 'image.qcow2'))
  }
  return folder
}

/** Says each failure as it comes, and beside the step how far it is. */
function follow(progress: Progress, note: (detail: string) => void, all: number) {
  const lines: Line[] = []
  const count = { passed: 0, failed: 0, skipped: 0, 'left-out': 0 }
  const onLine = (text: string): void => {
    const line = parseLine(text)
    if (!line) return
    lines.push(line)
    const { name, status, reason = '' } = outcomeOf(line)
    if (!line.id.startsWith('setUpClass') || status === 'failed') count[status]++
    if (status === 'failed') progress.line(`  ✗ ${visible(name)}: ${visible(reason)}`)
    const failed = count.failed ? `, ${count.failed} failed` : ''
    note(`${count.passed + count.failed + count.skipped} of ${all}${failed}: ${name.split('.').slice(-2).join('.')}`)
  }
  return { lines, onLine }
}

async function runTests(run: Run, progress: Progress, folder: string, tests: readonly Test[]): Promise<Outcome[]> {
  const title = `Tempest: ${tests.length} tests, ${run.concurrency} at a time`
  const lines = await progress.step(title, async (note) => {
    const { lines, onLine } = follow(progress, note, tests.length)
    const argv = ['bash', '-o', 'pipefail', '/mnt/run-tests.sh', `${run.concurrency}`]
    const never = untilStopped(new Promise<never>(() => {}))
    const exitCode = await runInTree({ tree: run.tree.root, folder, argv, onLine }, never)
    if (isStopping()) throw new StoppedError()
    if (lines.length === 0) throw startFailed(folder, exitCode)
    return lines
  })
  return foldResults(tests, lines)
}

function startFailed(folder: string, exitCode: number): CommandError {
  const file = join(folder, 'errors')
  return new CommandError({
    node: 'host',
    step: 'run Tempest',
    paste: `tail ${file} ${join(folder, 'tempest.log')}`,
    exitCode,
    output: existsSync(file) ? readFileSync(file, 'utf8') : 'it did not start',
  })
}

export interface Ended {
  outcomes: Outcome[]
  /** What Tempest itself had left in the cloud; it is removed. */
  leftovers: string[]
}

/** All tests of the run, those that this lab cannot pass not run but named. Whatever happens, the cloud is cleaned up. */
export async function runTempest(run: Run, progress: Progress): Promise<Ended> {
  const { lab, tests } = run
  const expectation = expectationsOf(lab)
  const leftOut = tests.flatMap(({ name }): Outcome[] => {
    const reason = expectation(name).leftOut
    return reason === undefined ? [] : [{ name, status: 'left-out', seconds: 0, reason }]
  })
  const wanted = tests.filter(({ full }) => expectation(nameOf(full)).leftOut === undefined)
  if (wanted.length === 0) return { outcomes: leftOut, leftovers: [] }
  const cloud = await openCloud(lab, loadSecrets(lab.root))
  const folder = await progress.step('prepare the cloud for Tempest', async () => {
    await cleanUp(cloud, lab)
    await recordBefore(cloud, lab)
    return prepareFolder(cloud, run, wanted)
  })
  const leftovers: string[] = []
  try {
    const outcomes = await runTests(run, progress, folder, wanted)
    return { outcomes: [...leftOut, ...outcomes].sort((a, b) => (a.name < b.name ? -1 : 1)), leftovers }
  } finally {
    rmSync(join(folder, 'tempest.conf'), { force: true })
    // The token of the beginning may have run out. After Ctrl-C no step begins any more, but this must be done.
    const clean = async () => {
      leftovers.push(...(await cleanUp(await openCloud(lab, loadSecrets(lab.root)), lab)))
    }
    await (isStopping() ? clean() : progress.step('remove what is left in the cloud', clean))
  }
}
