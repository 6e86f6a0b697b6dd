/** The registry of commands, one entry each; dispatch, help, completion and docs/reference/commands.md come from it. */

import type { Entries } from './command-entry.ts'
import { everyday } from './commands/everyday.ts'
import { looking } from './commands/looking.ts'
import { theLab } from './commands/the-lab.ts'
import { thisTool } from './commands/this-tool.ts'

export const commands: Entries = { ...theLab, ...looking, ...everyday, ...thisTool }
