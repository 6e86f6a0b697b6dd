/** Probes in Python, for what the services' own libraries do best; they stand beside each other in probes/. */

import { readFileSync } from 'node:fs'
import type { Lab } from '../../../declaration/lab.ts'
import { heredoc } from '../../../engine/operation.ts'
import { scaled, timeouts } from '../../../run/timeouts.ts'

/** bash that runs the probe; its argument is how many seconds one answer may take. */
export function python(name: string): (lab: Lab) => string {
  const text = readFileSync(new URL(`../probes/${name}.py`, import.meta.url), 'utf8')
  return (lab) => `python3 - ${scaled(lab, timeouts.nodes.doctorProbe)} ${heredoc(text)}`
}
