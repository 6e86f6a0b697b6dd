/** `./lab exercise list | start NAME [--hidden] | hint | check | solve | stop`: problems to solve on the running lab. */

import { defineCommand } from 'citty'
import { UsageError } from '../declaration/errors.ts'
import { exitCode } from '../declaration/exit-codes.ts'
import type { Lab } from '../declaration/lab.ts'
import { missingFor } from '../exercises/ready.ts'
import { checkExercise, showHint, solveExercise, startExercise, stopExercise } from '../exercises/run.ts'
import { type Choice, showHintText, showList, showScore, showSolution, showTask } from '../exercises/show.ts'
import { expectExercise, expectRunning, type Running, readRunning, scoreOf, secondsOf } from '../exercises/state.ts'
import { exercises } from '../exercises/table/index.ts'
import { type Language, languageOf, languages, textsOf } from '../exercises/texts.ts'
import { showObservations } from '../health/verify/text.ts'
import type { Observation } from '../run/check.ts'
import { withLock } from '../run/lock.ts'
import { terminalProgress } from '../run/progress.ts'
import { disconnect } from '../run/ssh.ts'
import { printScreen } from '../terminal/screen.ts'
import { checkout } from './checkout.ts'
import { type Content, jsonOption, printDocument } from './documents/document.ts'
import { exerciseDocument } from './documents/exercise.ts'
import { loadRunningLab } from './running-lab.ts'

const actions = ['list', 'start', 'hint', 'check', 'solve', 'stop'] as const
type Action = (typeof actions)[number]
type Document = Content<typeof exerciseDocument>

interface Asked {
  name?: string | undefined
  hidden: boolean
  language: Language
}

/** What a command has to say: a text for people, fields for programs. */
interface Answer extends Partial<Pick<Document, 'exercises' | 'observations' | 'solution'>> {
  text: string
  /** Default: the one that is running now. */
  running?: Running
  failed?: boolean
}

const isAvailable = (lab: Lab, name: string) => missingFor(lab, exercises[name]!).length === 0

const textsOfRunning = (lab: Lab, { name }: Pick<Running, 'name'>, language: Language) =>
  textsOf(exercises[name]!, language, lab)

function list(lab: Lab, { language }: Asked): Answer {
  const choices: Choice[] = Object.entries(exercises).map(([name, exercise]) => ({
    name,
    exercise,
    title: textsOf(exercise, language, lab).title,
  }))
  const available = choices.filter(({ name }) => isAvailable(lab, name))
  return {
    text: showList(available, readRunning(checkout)),
    exercises: choices.map(({ name, exercise: { kind, level }, title }) => ({
      ...{ name, kind, level, title },
      available: isAvailable(lab, name),
    })),
  }
}

/** Of those that break something: a task to build something has nothing to hide. */
function chooseHidden(lab: Lab): string {
  const names = Object.keys(exercises).filter((name) => exercises[name]!.kind === 'repair' && isAvailable(lab, name))
  return names[Math.floor(Math.random() * names.length)]!
}

async function start(lab: Lab, { name: given, hidden, language }: Asked): Promise<Answer> {
  if (given === undefined && !hidden) {
    const remedy = './lab exercise list shows them; start --hidden chooses one'
    throw new UsageError([{ where: './lab exercise start', given: 'no name', allowed: 'an exercise', remedy }])
  }
  const name = given ?? chooseHidden(lab)
  const running = await startExercise(lab, { name, exercise: expectExercise(name), hidden }, terminalProgress())
  return { text: showTask(running, textsOfRunning(lab, running, language)) }
}

async function hint(lab: Lab, { language }: Asked): Promise<Answer> {
  const { hints } = textsOfRunning(lab, expectRunning(checkout), language)
  const number = showHint(lab)
  if (number === undefined) return { text: 'No hints are left. ./lab exercise solve shows a solution.', failed: true }
  return { text: showHintText(number, hints[number - 1]!) }
}

/** `verdict`: said below the observations. */
function judged(observations: readonly Observation[], verdict: (running: Running) => string): Answer {
  const failed = observations.some(({ ok }) => !ok)
  const end = verdict(expectRunning(checkout))
  return { text: `${showObservations(observations)}\n\n${end}`, observations, failed }
}

async function check(lab: Lab): Promise<Answer> {
  const observations = await checkExercise(lab, terminalProgress())
  return judged(observations, (running) =>
    running.solved
      ? `Solved: ${showScore(running)}. ./lab exercise stop puts everything back`
      : 'Not yet. After a repair some services need up to a minute. ./lab exercise hint helps',
  )
}

async function solve(lab: Lab, { language }: Asked): Promise<Answer> {
  const running = expectRunning(checkout)
  const commands = running.exercise.solution(lab)
  const { answer } = textsOfRunning(lab, running, language)
  const observations = await solveExercise(lab, terminalProgress())
  const { text, ...rest } = judged(observations, showScore)
  return { ...rest, text: `${showSolution(commands, answer)}\n\n${text}`, solution: { commands, answer } }
}

async function stop(lab: Lab): Promise<Answer> {
  const running = await stopExercise(lab, terminalProgress())
  return { text: `Everything is back. ${showScore(running)}`, running }
}

const work: Readonly<Record<Action, (lab: Lab, asked: Asked) => Answer | Promise<Answer>>> = {
  list,
  start,
  hint,
  check,
  solve,
  stop,
}

function describe(lab: Lab, running: Running | undefined, language: Language): Document['running'] {
  if (!running) return null
  const { task, hints } = textsOfRunning(lab, running, language)
  const { name, hidden, began, failedChecks, shown, solved } = running
  return {
    ...{ name: hidden ? null : name, hidden, task, began, failedChecks },
    seconds: secondsOf(running),
    hints: hints.slice(0, running.hints),
    hintsLeft: hints.length - running.hints,
    solutionShown: shown,
    solved: solved !== undefined,
    score: scoreOf(running),
  }
}

export default defineCommand({
  meta: {
    name: 'exercise',
    description:
      'Exercises on the running lab: start breaks something and says what a user would notice, or asks for something to be built. check looks at the cloud, so any repair counts; stop puts everything back. Exit code 0: done, or the check passed; 1: the check failed.',
  },
  args: {
    action: { type: 'positional', required: true, description: actions.join(', ') },
    name: { type: 'positional', required: false, description: 'of the exercise to start' },
    hidden: { type: 'boolean', description: 'start: do not show which exercise it is; without a name, choose one' },
    lang: { type: 'enum', options: [...languages], description: 'language of the tasks; default: that of your shell' },
    json: { type: 'boolean', description: jsonOption },
  },
  async run({ args }) {
    const lab = loadRunningLab(checkout)
    const action = args.action as Action
    const language = (args.lang as Language | undefined) ?? languageOf()
    const asked = { name: args.name, hidden: args.hidden ?? false, language }
    try {
      const run = async () => work[action](lab, asked)
      const { text, failed, running, ...fields } = await (action === 'list' ? run() : withLock(checkout, run))
      const now = describe(lab, running ?? readRunning(checkout), language)
      if (args.json) printDocument(exerciseDocument, { action, ...fields, running: now })
      else printScreen(text)
      process.exitCode = exitCode(failed ? 'failed' : 'ok')
    } finally {
      disconnect()
    }
  },
})
