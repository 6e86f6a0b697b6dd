/**
 * Builds and measures the same lab by the install guide's way: the same nodes, then plain commands over ssh, one after
 * the other.
 */

import { readFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import type { Hypervisor } from '../scripts/declaration/lab.ts'
import { ownProgram } from '../scripts/run/own-program.ts'
import type { Copy } from '../test/harness/copy.ts'
import { startMeter } from './meter.ts'
import { networkOf } from './network.ts'
import type { Phase, Sample } from './result.ts'
import { runIn } from './run.ts'

/** What this way needs on the nodes in addition to the image: packages that only a person at a shell needs. */
const extraPackages = ['crudini', 'python3-iniparse']

/** The two scripts of one service are one phase: `nova` and `nova-compute`. */
export function joinParts(phases: readonly Phase[]): Phase[] {
  const joined = new Map<string, number>()
  for (const { name, seconds } of phases) {
    const service = name.replace(/-(compute|cells)$/, '')
    joined.set(service, (joined.get(service) ?? 0) + seconds)
  }
  return [...joined].map(([name, seconds]) => ({ name, seconds }))
}

/** `workers`: processes of each API in place of the packages' own 8 and 16, for machines without the memory for them. */
export async function measureGuide(
  copy: Copy,
  hypervisor: Hypervisor,
  { computes, workers }: { computes: number; workers: number | undefined },
): Promise<Sample> {
  const loadBefore = loadavg()[0]!
  const debs = join(copy.root, '.lab-debs')
  await runIn(copy, 'sh', '-c', `mkdir -p ${debs} && cd ${debs} && apt-get -q download ${extraPackages.join(' ')}`)
  const meter = startMeter(() => networkOf(copy.root))
  const program = (name: string) => ownProgram(join(copy.root, 'bench', name))
  const services = (...args: string[]) => runIn(copy, './lab', 'exec', '--', ...program('guide-services.ts'), ...args)
  try {
    const nodes = await meter.time(() => runIn(copy, ...program('guide-nodes.ts'), hypervisor))
    await services('prepare', debs, String(workers ?? ''))
    const served = await meter.time(() => services('run'))
    const single = JSON.parse(await readFile(join(copy.root, '.lab/guide.json'), 'utf8')) as Phase[]
    const seconds = (name: string) => single.find((phase) => phase.name === name)?.seconds ?? 0
    const down = await meter.time(() => runIn(copy, './lab', 'down', '--yes'))
    return {
      way: 'guide',
      computes,
      loadBefore,
      peakMiB: meter.peakMiB(),
      phases: [
        {
          name: 'whole',
          seconds: nodes.seconds + served.seconds,
          cpuSeconds: nodes.cpuSeconds + served.cpuSeconds,
          writtenMiB: nodes.writtenMiB + served.writtenMiB,
        },
        { name: 'nodes', seconds: nodes.seconds },
        { name: 'services', seconds: served.seconds - seconds('cloud') - seconds('verify') },
        ...joinParts(single),
        { name: 'down', seconds: down.seconds },
      ],
    }
  } finally {
    meter.stop()
    await copy.run('./lab', 'down', '--yes')
  }
}
