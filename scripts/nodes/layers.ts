/** Bash and numbers for what the saves of a node lie on, in containers and in virtual machines. */

import type { LabNode } from '../declaration/lab.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** Each costs a look for every file that a node opens, or for every block; more are merged into one. */
export const mostLayers = 8

export const namesOf = (lab: { nodes: readonly Pick<LabNode, 'name'>[] }) =>
  lab.nodes.map(({ name }) => shellQuote(name)).join(' ')

/** Eight hex digits. */
export const newLayer = `new_layer() { od -An -N4 -tx1 /dev/urandom | tr -d ' \\n'; }`
