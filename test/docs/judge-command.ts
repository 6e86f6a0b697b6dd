/** Whether a `./lab` command that is shown somewhere exists. */

import { checkArguments } from '../../scripts/lab/check-arguments.ts'
import { commands } from '../../scripts/lab/commands.ts'
import { readUsageOf } from '../../scripts/lab/usage.ts'

/** What is wrong with it: the command, an argument or an option does not exist. */
export async function judge(line: string): Promise<string[]> {
  const [, name = '', ...words] = line.split(/\s+/)
  const entry = commands[name]
  if (!entry) return [`${line}: no command ${name}`]
  if (entry.passthrough) return []
  const usage = await readUsageOf(name, entry)
  if (line === usage.synopsis) return []
  try {
    checkArguments(usage, words)
    return []
  } catch (error) {
    return [`${line}: ${(error as Error).message}`]
  }
}
