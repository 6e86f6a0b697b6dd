/** What a person reads of exercises. */

import { showDuration } from '../terminal/amounts.ts'
import { table } from '../terminal/table.ts'
import type { Exercise, Texts } from './exercise.ts'
import { hintCosts, type Running, scoreOf, secondsOf } from './state.ts'

const next = [
  ['./lab exercise check', 'is it done? A check that fails costs 5 points'],
  ['./lab exercise hint', 'one of three hints; they cost 10, 20 and 30 points'],
  ['./lab exercise solve', 'shows and runs a solution; no points'],
  ['./lab exercise stop', 'puts everything back'],
] as const

/** The name is not shown of a hidden one. */
const nameOf = ({ name, hidden }: Pick<Running, 'name' | 'hidden'>) => (hidden ? 'a hidden exercise' : name)

export function showTask(running: Running, { title, task }: Texts): string {
  const heading = running.hidden ? 'A hidden exercise' : `${running.name}: ${title}`
  return [heading, '', `  ${task}`, '', ...table(next)].join('\n')
}

export interface Choice {
  name: string
  exercise: Exercise
  title: string
}

/** In the order of the table; `running` is marked unless it is hidden. */
export function showList(choices: readonly Choice[], running: Running | undefined): string {
  const rows = choices.map(({ name, exercise: { kind, level }, title }) => [
    running && !running.hidden && running.name === name ? '!' : ' ',
    name,
    kind,
    `level ${level}`,
    title,
  ])
  const end = running
    ? `${nameOf(running)} is running: ./lab exercise check, hint, solve or stop`
    : './lab exercise start NAME begins one; start --hidden chooses one and does not say which'
  return [...table(rows, { indent: ' ' }), '', end].join('\n')
}

/** `number`: of this hint, from 1. */
export const showHintText = (number: number, text: string): string =>
  `Hint ${number} of ${hintCosts.length} (${hintCosts[number - 1]} points)\n\n  ${text}`

export function showScore(running: Running): string {
  const time = showDuration(secondsOf(running) * 1000)
  const { hints, failedChecks, shown, solved } = running
  const how = [
    `${hints} ${hints === 1 ? 'hint' : 'hints'}`,
    `${failedChecks} failed ${failedChecks === 1 ? 'check' : 'checks'}`,
    ...(shown ? ['the solution was shown'] : []),
  ].join(', ')
  return solved ? `${scoreOf(running)} points in ${time}: ${how}` : `not solved after ${time}: ${how}`
}

export const showSolution = (commands: readonly string[], answer: string): string =>
  ['A solution:', '', ...commands.map((command) => `  ${command}`), '', `  ${answer}`].join('\n')
