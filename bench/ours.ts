/** The life of a lab with `./lab`, measured: up, up again, saved and restored, up with one key changed, down. */

import { rm } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import type { Hypervisor } from '../scripts/declaration/lab.ts'
import { loadLab } from '../scripts/declaration/load.ts'
import { loadSecrets } from '../scripts/declaration/secrets.ts'
import { criticalPath } from '../scripts/insight/report/critical-path.ts'
import { readTimings, type TimedStep, timingsFile } from '../scripts/run/progress/timings.ts'
import { serviceNeeds } from '../scripts/services/needs.ts'
import type { Copy } from '../test/harness/copy.ts'
import { changeOneKey } from './declare.ts'
import { launchOnEach } from './instances.ts'
import { memoryScript, parseMemory, type UnitMemory } from './memory.ts'
import { startMeter } from './meter.ts'
import { networkOf } from './network.ts'
import type { Phase, Sample, Way } from './result.ts'
import { runIn } from './run.ts'

/** From the first step of a part to its last; undefined if it has none. */
function spanOf(name: string, steps: readonly TimedStep[]): Phase[] {
  if (steps.length === 0) return []
  const start = Math.min(...steps.map((step) => step.start))
  const end = Math.max(...steps.map((step) => step.end))
  return [{ name, seconds: (end - start) / 1000 }]
}

const parts = ['prepare', 'nodes', 'services', 'cloud', 'verify']

/** Each part as a whole, then each service by itself; services run side by side. */
function phasesOf(steps: readonly TimedStep[]): Phase[] {
  const services = steps.filter(({ stack, name }) => stack === 'services' && name !== 'whole')
  return [
    ...parts.flatMap((part) =>
      spanOf(
        part,
        steps.filter(({ stack }) => stack === part),
      ),
    ),
    ...services.flatMap((step) => spanOf(step.name, [step])),
  ]
}

async function readMemory(copy: Copy): Promise<UnitMemory[]> {
  const nodes = loadLab(copy.root).nodes.map(({ name }) => name)
  const answers = nodes.map(async (name) => {
    const { stdout } = await copy.run('./lab', 'ssh', name, memoryScript())
    return parseMemory(name, String(stdout))
  })
  return (await Promise.all(answers)).flat()
}

const saveAndRestore = [
  ['save', 'bench'],
  ['restore', 'bench', '--yes'],
] as const

export interface Measured {
  hypervisor: Hypervisor
  computes: number
  way?: Way
  /** Also a save and a restore, each until the lab is verified. */
  checkpoints?: boolean
}

export async function measureOurs(
  copy: Copy,
  { hypervisor, computes, way = 'ours', checkpoints }: Measured,
): Promise<Sample> {
  const loadBefore = loadavg()[0]!
  const meter = startMeter(() => networkOf(copy.root))
  try {
    const up = await meter.time(() => runIn(copy, './lab', 'up', '--hypervisor', hypervisor))
    const { begun, steps } = readTimings(timingsFile(copy.root))!
    // The report that an up writes afterwards does not count.
    const verified = Math.max(...steps.map(({ end }) => end)) - Date.parse(begun)
    const path = criticalPath(steps, serviceNeeds(loadLab(copy.root), loadSecrets(copy.root)))
    const again = await meter.time(() => runIn(copy, './lab', 'up'))
    const memory = await readMemory(copy)
    const each = computes > 1 ? [{ name: 'an instance on each', ...(await meter.time(() => launchOnEach(copy))) }] : []
    const saved: Phase[] = []
    for (const command of checkpoints ? saveAndRestore : []) {
      const { seconds } = await meter.time(() => runIn(copy, './lab', ...command))
      // Both start the nodes anew: their counters are lost, as with down.
      saved.push({ name: command[0], seconds })
    }
    await changeOneKey(copy.root)
    const changed = await meter.time(() => runIn(copy, './lab', 'up'))
    const down = await meter.time(() => runIn(copy, './lab', 'down', '--yes', '--purge'))
    return {
      way,
      computes,
      loadBefore,
      peakMiB: meter.peakMiB(),
      memory,
      critical: path.map(({ name, start, end }) => ({ name, seconds: (end - start) / 1000 })),
      phases: [
        { name: 'whole', ...up, seconds: verified / 1000 },
        ...phasesOf(steps),
        { name: 'no-op', ...again },
        ...each,
        ...saved,
        { name: 'one key changed', ...changed },
        // When nodes are removed, their counters are lost.
        { name: 'down', seconds: down.seconds },
      ],
    }
  } finally {
    meter.stop()
    await copy.run('./lab', 'down', '--yes', '--purge')
    await rm(join(copy.root, '.lab/timings.json'), { force: true })
  }
}
