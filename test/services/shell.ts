/** Lets bash parse scripts without running them. */

import { execa } from 'execa'

/** bash's error for each script that it cannot parse. One process for all. */
export async function shellErrors(scripts: readonly string[]): Promise<string[]> {
  const checks = scripts.map((script) => `bash -n <<'END-OF-SCRIPT'\n${script}\nEND-OF-SCRIPT\n`)
  const { stderr } = await execa('bash', [], { input: checks.join(''), reject: false })
  return stderr === '' ? [] : stderr.split('\n')
}
