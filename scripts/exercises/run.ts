/** Starting, checking, solving and stopping an exercise. The caller holds the lab's lock. */

import { type CloudClient, openCloud } from '../cloud/client.ts'
import { removeObjects } from '../cloud/orphans.ts'
import { LabError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import type { Observation } from '../run/check.ts'
import { runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { sshHost } from '../run/ssh.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { poll } from '../run/wait-for.ts'
import { type Hands, makeChanges, undoChanges } from './changes.ts'
import type { Exercise, NodeChange } from './exercise.ts'
import { breakScript, nodesOf, restoreScript } from './node-changes.ts'
import { removeLeftProbes } from './probes.ts'
import { expectReady, waitUntilHealthy } from './ready.ts'
import { expectRunning, type Running, readRunning, removeRunning, writeRunning } from './state.ts'
import { readWanted } from './wanted-objects.ts'

/** Nothing of what it says of the nodes tells what is done there. */
const step = 'a step of the exercise'

const signIn = (lab: Lab) => openCloud(lab, loadSecrets(lab.root))

async function onNodes(lab: Lab, change: NodeChange, script: (change: NodeChange) => string): Promise<void> {
  const options = { step, timeoutSeconds: scaled(lab, timeouts.services.stop) }
  await Promise.all(nodesOf(lab, change).map((node) => sshHost(lab, node).run(script(change), options)))
}

const handsOf = (lab: Lab): Hands => ({
  read: async (change) => ('on' in change ? null : change.read(await signIn(lab), lab)),
  async apply(change, before) {
    if ('on' in change) await onNodes(lab, change, breakScript)
    else await change.apply(await signIn(lab), before)
  },
  async restore(change, before) {
    if ('on' in change) await onNodes(lab, change, restoreScript)
    else await change.restore(await signIn(lab), before)
  },
})

const newRunning = (name: string, hidden: boolean): Running => ({
  ...{ name, hidden, began: new Date().toISOString() },
  ...{ before: [], hints: 0, failedChecks: 0, shown: false },
})

export interface Start {
  name: string
  exercise: Exercise
  hidden: boolean
}

/** If it fails half-way, what it changed is put back. */
export async function startExercise(lab: Lab, { name, exercise, hidden }: Start, progress: Progress): Promise<Running> {
  if (readRunning(lab.root)) {
    const [given, allowed] = ['an exercise is running', 'one at a time']
    throw new LabError([{ where: './lab exercise start', given, allowed, remedy: './lab exercise stop' }])
  }
  await progress.step('check that the lab is healthy', () => expectReady(lab, exercise))
  const running = newRunning(name, hidden)
  writeRunning(lab.root, running)
  try {
    await progress.step('prepare the exercise', () =>
      makeChanges(exercise.changes, handsOf(lab), (before) => {
        running.before = [...before]
        writeRunning(lab.root, running)
      }),
    )
    if (exercise.delayed) await progress.step('wait until it can be noticed', () => waitUntilBroken(lab, exercise))
  } catch (error) {
    await progress.step('put everything back', () => undoChanges(exercise.changes, handsOf(lab), running.before))
    removeRunning(lab.root)
    throw error
  }
  const ready = { ...running, began: new Date().toISOString() }
  writeRunning(lab.root, ready)
  return ready
}

/** Signed in anew for each look: what is broken may be the sign-in. */
const watchOf = (lab: Lab) => ({ lab, cloud: (): Promise<CloudClient> => signIn(lab), timeoutFactor: 1 })

async function waitUntilBroken(lab: Lab, { check }: Exercise): Promise<void> {
  const polling = { timeoutSeconds: timeouts.verify.exercise.seconds, pauseSeconds: 2 }
  await poll(
    lab,
    polling,
    () => check(watchOf(lab)),
    (lines) => lines.some(({ ok }) => !ok),
  )
}

/** Counts a failed check, and notes when it passed first. */
export async function checkExercise(lab: Lab, progress: Progress): Promise<Observation[]> {
  const { exercise, ...running } = expectRunning(lab.root)
  const observations = await progress.step('look at the cloud', () => exercise.check(watchOf(lab)))
  const ok = observations.every((one) => one.ok)
  if (!running.solved) {
    const noted = ok ? { solved: new Date().toISOString() } : { failedChecks: running.failedChecks + 1 }
    writeRunning(lab.root, { ...running, ...noted })
  }
  return observations
}

/** Runs the solution, and waits until the check passes. */
export async function solveExercise(lab: Lab, progress: Progress): Promise<Observation[]> {
  const { exercise, ...running } = expectRunning(lab.root)
  // Before it is solved: whoever interrupts now has seen it all the same.
  const shown: Running = { ...running, shown: true }
  writeRunning(lab.root, shown)
  const commands = exercise.solution(lab)
  await progress.step('run the commands of the solution', () =>
    runOnHost('bash', ['-s'], {
      step: 'the solution of the exercise',
      cwd: lab.root,
      // Read whole first: ssh would eat the rest. What somebody has already repaired may fail now: the check decides.
      input: `{\n${commands.join('\n')}\ntrue\n} </dev/null 2>&1\n`,
      timeoutSeconds: scaled(lab, timeouts.nodes.command),
      onLine: (line) => progress.line(`    ${line}`),
    }),
  )
  const { seen } = await progress.step('look at the cloud until the check passes', () =>
    poll(
      lab,
      { timeoutSeconds: timeouts.verify.solved.seconds },
      () => exercise.check(watchOf(lab)),
      (lines) => lines.every(({ ok }) => ok),
    ),
  )
  if (seen.every(({ ok }) => ok)) writeRunning(lab.root, { solved: new Date().toISOString(), ...shown })
  return seen
}

/** Puts everything back, however far start came and whatever was repaired; gives the exercise as it ended. */
export async function stopExercise(lab: Lab, progress: Progress): Promise<Running> {
  const { exercise, ...running } = expectRunning(lab.root)
  await progress.step('put everything back', () => undoChanges(exercise.changes, handsOf(lab), running.before))
  await progress.step('remove what belongs to the exercise', async () => {
    const cloud = await cloudThatAnswers(lab)
    await removeObjects(cloud, lab, await readWanted(cloud, lab, exercise.wanted))
    await removeLeftProbes(lab, cloud)
  })
  removeRunning(lab.root)
  await progress.step('wait until the lab is healthy', () => waitUntilHealthy(lab))
  return running
}

/** What was just put back may need a moment. */
async function cloudThatAnswers(lab: Lab): Promise<CloudClient> {
  const polling = { timeoutSeconds: timeouts.cloud.keystone.seconds }
  const look = () => signIn(lab).catch((error: unknown) => error as Error)
  const { seen } = await poll(lab, polling, look, (found) => !(found instanceof Error))
  if (seen instanceof Error) throw seen
  return seen
}

/** One hint more than before; undefined if all have been shown. */
export function showHint(lab: Lab): number | undefined {
  const { exercise, ...running } = expectRunning(lab.root)
  if (running.hints >= exercise.texts.hints.length) return undefined
  writeRunning(lab.root, { ...running, hints: running.hints + 1 })
  return running.hints + 1
}
