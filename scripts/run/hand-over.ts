/** Hands this terminal over to another program, whose output and exit code stay unchanged. */

import { constants } from 'node:os'
import { execa } from 'execa'
import { LabError } from '../declaration/errors.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { withoutCarried } from './process.ts'

/** It has none of our capabilities. Returns its exit code, or 128 + the number of the signal that ended it. */
export async function handOver(file: string, args: string[], env: Record<string, string>): Promise<number> {
  const [program = '', ...words] = [...withoutCarried(), file, ...args]
  const result = await execa(program, words, { stdio: 'inherit', reject: false, env })
  if (result.code === 'ENOENT') {
    throw new LabError([
      { where: file, given: 'no such program', allowed: 'a program on PATH', remedy: `command -v ${shellQuote(file)}` },
    ])
  }
  return result.exitCode ?? 128 + (result.signal ? (constants.signals[result.signal] ?? 0) : 0)
}
