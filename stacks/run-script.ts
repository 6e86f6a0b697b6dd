/** How Terraform runs one of our scripts. */

import type { Lab } from '../scripts/declaration/lab.ts'

/** For a local-exec: runs in the checkout, where the script finds declaration and secrets; no secret is passed on. */
export function runScript(lab: Pick<Lab, 'root'>, script: string, ...args: string[]) {
  return { command: ['node', 'scripts/run.mjs', script, ...args].join(' '), workingDir: lab.root }
}
