/** The lessons' commands, run on a real lab as a reader would, and what of their answers did not come out. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { missingLines, readLesson } from '../learn/lesson.ts'
import type { Copy } from './copy.ts'

/** Names of the English lessons; the Korean one has the same commands, which its own test sees to. */
export async function listLessons(root: string): Promise<string[]> {
  const names = await readdir(join(root, 'docs/learn'))
  return names.filter((name) => /^\d.*(?<!\.ko)\.md$/.test(name)).sort()
}

/** `has`: what this lab has, for commands that need it; one that is left out is said. */
export async function runLesson(copy: Copy, name: string, has: readonly string[]): Promise<string[]> {
  const wrong: string[] = []
  for (const exercise of readLesson(await readFile(join(copy.root, 'docs/learn', name), 'utf8'))) {
    if (exercise.needs && !has.includes(exercise.needs)) {
      console.error(`e2e: ${name}:${exercise.line} needs ${exercise.needs}, which this lab has not`)
      continue
    }
    const { stdout, exitCode } = await copy.run('sh', '-c', exercise.command)
    if (exitCode !== 0) wrong.push(`${name}:${exercise.line}: ${exercise.command}: exit code ${exitCode}`)
    for (const line of missingLines(exercise, String(stdout)))
      wrong.push(`${name}:${exercise.line}: not there: ${line}`)
  }
  return wrong
}
