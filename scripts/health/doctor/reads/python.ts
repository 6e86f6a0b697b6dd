/** Probes in Python, for what the services' own libraries do best; they stand beside each other in probes/. */

import { readFileSync } from 'node:fs'
import type { Lab } from '../../../declaration/lab.ts'
import { heredoc } from '../../../engine/operation.ts'
import { scaled, timeouts } from '../../../run/timeouts.ts'
import { sectionsWith } from '../../../services/config-sections.ts'

/** bash that runs the probe; its arguments are how many seconds one answer may take, and what `words` gives. */
export function python(name: string, words: (lab: Lab) => readonly string[] = () => []): (lab: Lab) => string {
  const text = readFileSync(new URL(`../probes/${name}.py`, import.meta.url), 'utf8')
  return (lab) => ['python3 -', scaled(lab, timeouts.nodes.doctorProbe), ...words(lab), heredoc(text)].join(' ')
}

/** The files of the services that are on in which a section has all of these keys. */
export const filesWith =
  (...keys: readonly string[]) =>
  (lab: Lab) => [...new Set(sectionsWith(lab, ...keys).map(({ path }) => path))]
