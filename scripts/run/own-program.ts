/** How one of our TypeScript programs is started by another program. */

import { fileURLToPath } from 'node:url'

const runner = fileURLToPath(new URL('../run.mjs', import.meta.url))

/** `file`: path of the program, absolute or from the working folder. */
export const ownProgram = (file: string, ...args: string[]): [string, ...string[]] => [
  process.execPath,
  runner,
  file,
  ...args,
]
