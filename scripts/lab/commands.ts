/** The registry of commands, one entry each; dispatch, help, completion and docs/reference/commands.md come from it. */

import type { Entries, Entry } from './command-entry.ts'
import { everyday } from './commands/everyday.ts'
import { looking } from './commands/looking.ts'
import { theLab } from './commands/the-lab.ts'
import { thisTool } from './commands/this-tool.ts'
import { readUsageOf } from './usage.ts'

export const commands: Entries = { ...theLab, ...looking, ...everyday, ...thisTool }

/** Those that a person is shown, in the order of the registry. */
export function shownCommands(): [string, Entry][] {
  return Object.entries(commands).filter(([, { hidden }]) => !hidden)
}

export const readUsage = (name: string) => readUsageOf(name, commands[name]!)
