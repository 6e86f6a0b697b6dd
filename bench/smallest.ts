/** The smallest amount of memory with which a lab can be built and verified, found by trying smaller amounts. */

import type { Hypervisor } from '../scripts/declaration/lab.ts'
import { loadLab } from '../scripts/declaration/load.ts'
import type { Copy } from '../test/harness/copy.ts'
import { declareLab, type Wanted } from './declare.ts'

export interface Smallest {
  controllerMiB: number
  computeMiB: number
}

/** Step size of the search, and its lower limit: the smallest amount that the declaration allows. */
const controllerRange = { least: 2048, step: 256 }
const computeRange = { least: 1024, step: 128 }

/** The smallest of `least`, `least + step`, … below `known` that passes, by bisection; `known` if none does. */
export async function leastThatPasses(
  { least, step }: { least: number; step: number },
  known: number,
  passes: (value: number) => Promise<boolean>,
): Promise<number> {
  let [low, high] = [0, Math.ceil((known - least) / step)]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await passes(least + middle * step)) high = middle
    else low = middle + 1
  }
  return Math.min(known, least + high * step)
}

/** If memory is too small, the kernel kills a process, and systemd restarts its unit: verify may miss that. */
export const unitsStartedAgain = (output: string): string[] =>
  output
    .split('\n\n')
    .filter((unit) => /^NRestarts=[1-9]/m.test(unit))
    .map((unit) => /^Id=(\S+)/m.exec(unit)?.[1] ?? 'a unit')

/** Builds, observes and removes the lab. Returns what was wrong. */
async function tryLab(copy: Copy, hypervisor: Hypervisor): Promise<string | undefined> {
  try {
    for (const args of [['up', '--hypervisor', hypervisor], ['verify']]) {
      if ((await copy.run('./lab', ...args)).exitCode !== 0) return `./lab ${args[0]} failed`
    }
    for (const node of loadLab(copy.root).nodes) {
      const { stdout } = await copy.run('./lab', 'ssh', node.name, "systemctl show '*.service' -p Id -p NRestarts")
      const restarted = unitsStartedAgain(String(stdout))
      if (restarted.length) return `started again on ${node.name}: ${restarted.join(', ')}`
    }
    return undefined
  } finally {
    await copy.run('./lab', 'down', '--yes')
  }
}

/** First the controller's, with default compute nodes, then the compute node's with that controller. */
export async function findSmallest(copy: Copy, hypervisor: Hypervisor): Promise<Smallest> {
  const sizes = loadLab(copy.root, { hypervisor }).nodes
  const delivered = (role: 'controller' | 'compute') => sizes.find(({ roles }) => roles.includes(role))!.memoryMiB
  const passes = async (controllerMiB: number, computeMiB: number) => {
    const wanted: Wanted = { computes: 1, controllerMiB, computeMiB }
    await declareLab(copy.root, wanted)
    const failed = await tryLab(copy, hypervisor)
    console.error(`bench: controller ${controllerMiB} MiB, compute1 ${computeMiB} MiB: ${failed ?? 'passed'}`)
    return failed === undefined
  }
  const compute = delivered('compute')
  const controllerMiB = await leastThatPasses(controllerRange, delivered('controller'), (mib) => passes(mib, compute))
  const computeMiB = await leastThatPasses(computeRange, compute, (mib) => passes(controllerMiB, mib))
  return { controllerMiB, computeMiB }
}
