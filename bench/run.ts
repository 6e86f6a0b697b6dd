/** Runs a command in the measured checkout; a failure ends the benchmark. */

import type { Copy } from '../test/harness/copy.ts'

/** Returns what it printed; throws for an exit code other than 0. */
export async function runIn(copy: Copy, ...argv: [string, ...string[]]): Promise<string> {
  const { exitCode, stdout } = await copy.run(...argv)
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: exit code ${exitCode}`)
  return String(stdout)
}
