/** The registry of commands: one entry each, from which dispatch, help, completion and docs/commands.md are made. */

import type { Entries } from './command-entry.ts'
import { everyday } from './commands/everyday.ts'
import { looking } from './commands/looking.ts'
import { theLab } from './commands/the-lab.ts'
import { thisTool } from './commands/this-tool.ts'

export const commands: Entries = { ...theLab, ...looking, ...everyday, ...thisTool }
