/** What a class needs of the nodes' memory, said before anything is made. */

import type { ProjectLimits } from '../cloud/project-limits.ts'
import { controllerOf, type Lab, nodesWith } from '../declaration/lab.ts'
import type { NodeStatus } from '../health/status/nodes.ts'
import type { Flavor } from './share.ts'

/** MiB on the controller, as measured: dnsmasq, the metadata proxy, and the kernel's part of two namespaces. */
const networkMiB = 8

/** MiB of an emulated instance's process beside the instance's own memory: 20 of 128 MiB had 236 to 243 MiB each. */
const processMiB = 115

interface Wanted {
  students: number
  /** Networks that are to be made. */
  networks: number
  limits: ProjectLimits
  flavor: Flavor
}

/** `of 1412 MiB`; a node that does not answer does not tell. */
function freeOf(nodes: readonly NodeStatus[], names: readonly string[]) {
  const free = nodes
    .filter(({ name }) => names.includes(name))
    .reduce((sum, { memoryMiB, usedMiB = Number.NaN }) => sum + memoryMiB - usedMiB, 0)
  return { free, words: Number.isNaN(free) ? 'how much is free is not known' : `${free} MiB are free` }
}

/** One line each; the ones that begin with `!` say that it may be too little. Pure. */
export function describeMemory(lab: Lab, nodes: readonly NodeStatus[], wanted: Wanted): string[] {
  const { students, networks, limits, flavor } = wanted
  const line = (names: readonly string[], what: string, neededMiB: number) => {
    const { free, words } = freeOf(nodes, names)
    return `${neededMiB > free ? '! ' : ''}memory of ${names.join(', ')}: ${what} ${neededMiB} MiB; ${words}`
  }
  const computes = nodesWith(lab, 'compute').map(({ name }) => name)
  const together = students * limits.instances * (flavor.ramMiB + processMiB)
  return [
    ...(networks > 0 ? [line([controllerOf(lab).name], `${networks} networks need about`, networks * networkMiB)] : []),
    line(computes, 'all instances together may need', together),
  ]
}
