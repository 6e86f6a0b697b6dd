/** Runs the lessons' commands on a real lab as a reader would, and lists unexpected output. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Exercise, missingLines, readLesson } from '../docs/lesson.ts'
import type { Copy } from '../harness/copy.ts'

/** Names of the English lessons; another test checks that the Korean one has the same commands. */
export async function listLessons(root: string): Promise<string[]> {
  const names = await readdir(join(root, 'docs/learn'))
  return names.filter((name) => /^\d.*(?<!\.ko)\.md$/.test(name)).sort()
}

/** What this lab has of that which lessons need; told by its networks. */
export async function readAbilities(copy: Copy): Promise<string[]> {
  const { stdout } = await copy.run('./lab', 'openstack', 'network', 'list', '-f', 'value', '-c', 'Name')
  const names = String(stdout).split('\n')
  const needs = { vlan: 'provider-vlan', 'self-service': 'selfservice' }
  return Object.entries(needs).flatMap(([need, network]) => (names.includes(network) ? need : []))
}

/** `has`: what this lab has, for commands that need it; skipped commands are reported. */
export async function runLesson(copy: Copy, name: string, has: readonly string[]): Promise<string[]> {
  const wrong: string[] = []
  for (const exercise of readLesson(await readFile(join(copy.root, 'docs/learn', name), 'utf8'))) {
    if (exercise.needs && !has.includes(exercise.needs)) {
      console.error(`e2e: ${name}:${exercise.line} needs ${exercise.needs}, which this lab has not`)
      continue
    }
    let tried = await tryExercise(copy, name, exercise)
    // On a busy machine a connection may end before the recorder saw its process: then the trace shows its address. A
    // second launch shows whether that was the reason.
    if (tried.length > 0 && exercise.command.includes('./lab trace')) tried = await tryExercise(copy, name, exercise)
    wrong.push(...tried)
  }
  return wrong
}

async function tryExercise(copy: Copy, name: string, exercise: Exercise): Promise<string[]> {
  const { stdout, exitCode } = await copy.run('sh', '-c', exercise.command)
  const where = `${name}:${exercise.line}`
  return [
    ...(exitCode === 0 ? [] : [`${where}: ${exercise.command}: exit code ${exitCode}`]),
    ...missingLines(exercise, String(stdout)).map((line) => `${where}: not there: ${line}`),
  ]
}
