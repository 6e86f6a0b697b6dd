/**
 * `npm run bench`: how long a lab takes with ./lab and by the install guide's way, alternating on this machine. Runs as
 * root, with each lab in its own network namespace, so that its processes can be told from others on this machine.
 */

import { rmSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { defineCommand, runMain } from 'citty'
import { execaSync } from 'execa'
import { LabError } from '../scripts/declaration/errors.ts'
import { type Hypervisor, hypervisors } from '../scripts/declaration/lab.ts'
import { loadLab } from '../scripts/declaration/load.ts'
import { runExpected } from '../scripts/run/expected.ts'
import { isRoot } from '../scripts/run/process.ts'
import { thisMachine } from '../scripts/run/progress/timings.ts'
import { type Copy, copyInstalled } from '../test/harness/copy.ts'
import { drawChart } from './chart.ts'
import { declareLab } from './declare.ts'
import { measureGuide } from './guide.ts'
import { measureImage } from './image.ts'
import { showMemory } from './memory.ts'
import { measureOurs } from './ours.ts'
import { type Result, readResult, resultFile, ways, writeResult } from './result.ts'
import { findSmallest } from './smallest.ts'
import { compareWays, growthPerCompute, machineLine, otherWay, peakOf, restoreShare, showRows } from './table.ts'

const root = join(import.meta.dirname, '..')

interface Options {
  runs: number
  computes: number[]
  hypervisor: Hypervisor
  guide: boolean
  guideWorkers: number | undefined
  selfService: boolean
  image: boolean
  checkpoints: boolean
}

/** The guide's controller gets as much memory as the packages' default numbers of workers need. */
const guideControllerMiB = 14_336

/** For comparing numbers of compute nodes: less memory than the default, so that eight of them fit into 24 GiB. */
const manyComputesMiB = 1536

/** A separate checkout with this one's node modules: installing them is not measured. */
async function checkoutFor(wanted: Parameters<typeof declareLab>[1]): Promise<Copy> {
  const copy = await copyInstalled()
  await declareLab(copy.root, wanted)
  return copy
}

/**
 * The two ways alternate, so that other load on this machine affects both; the guide's way has one compute node. `keep`
 * is called after each run, because a run takes long and may be interrupted.
 */
async function measure(options: Options, result: Result, keep: () => void): Promise<void> {
  const { runs, computes, hypervisor, guide, guideWorkers, selfService, checkpoints } = options
  const computeMiB = computes.length > 1 ? manyComputesMiB : undefined
  const controllerMiB = guideWorkers ? undefined : guideControllerMiB
  for (const [index, count] of computes.entries()) {
    const ours = await checkoutFor({ computes: count, computeMiB })
    const theirs = guide && index === 0 ? await checkoutFor({ computes: count, computeMiB, controllerMiB }) : undefined
    const routed = selfService ? await checkoutFor({ computes: count, computeMiB, selfService }) : undefined
    try {
      for (let run = 0; run < runs; run++) {
        result.samples.push(await measureOurs(ours, { hypervisor, computes: count, checkpoints }))
        keep()
        if (theirs)
          result.samples.push(await measureGuide(theirs, hypervisor, { computes: count, workers: guideWorkers }))
        if (routed) result.samples.push(await measureOurs(routed, { hypervisor, computes: count, way: 'self-service' }))
        keep()
      }
    } finally {
      await ours.remove()
      await theirs?.remove()
      await routed?.remove()
    }
  }
  // Last: what is built for this is removed again, and a lab right after that would be slower.
  if (options.image) result.samples[0]?.phases.unshift(...(await measureImage()))
}

function show(result: Result, last: Result | undefined): string {
  const sizes = [...new Set(result.samples.map(({ computes }) => computes))]
  const tables = sizes.flatMap((computes) => {
    const peaks = (['ours', otherWay(result)] as const).flatMap((way) => {
      const peak = peakOf(result, way, computes)
      return peak ? [`${ways[way]} ${peak.median.toFixed(0)} MiB`] : []
    })
    return [
      `\n${computes} compute node${computes > 1 ? 's' : ''}`,
      showRows(compareWays(result, computes, last), otherWay(result)),
      `CPU seconds\n${showRows(compareWays(result, computes, last, 'cpuSeconds'), otherWay(result))}`,
      `MiB written\n${showRows(compareWays(result, computes, last, 'writtenMiB'), otherWay(result))}`,
      `Peak memory: ${peaks.join(', ')}`,
    ]
  })
  const growth = growthPerCompute(result)
  const restored = restoreShare(result)
  const memory = result.samples.findLast((sample) => sample.memory?.length)?.memory ?? []
  const chain = result.samples.findLast(({ critical }) => critical?.length)?.critical ?? []
  return [
    machineLine(result),
    ...tables,
    ...(memory.length ? [`\nMemory of each unit\n${showMemory(memory)}`] : []),
    ...(growth === undefined
      ? []
      : [`Each further compute node adds ${(growth * 100).toFixed(0)} % of the first deploy`]),
    ...(restored === undefined ? [] : [`A restore takes ${(restored * 100).toFixed(0)} % of the first deploy`]),
    `\nThe chain that decided the last deploy:`,
    ...chain.map(({ name, seconds }) => `  ${seconds.toFixed(1).padStart(6)} s  ${name}`),
  ].join('\n')
}

/** Prints the least memory that a lab needs, and each attempt. */
async function searchSmallest(hypervisor: Hypervisor): Promise<void> {
  const copy = await checkoutFor({ computes: 1 })
  try {
    const { controllerMiB, computeMiB } = await findSmallest(copy, hypervisor)
    console.log(`Smallest: controller memory_mib: ${controllerMiB}, compute memory_mib: ${computeMiB}`)
  } finally {
    await copy.remove()
  }
}

function expectRoot(): void {
  if (isRoot) return
  throw new LabError([
    { where: 'npm run bench', given: 'an ordinary user', allowed: 'root, who may look at every process' },
  ])
}

/**
 * The terminal sends Ctrl-C to `./lab` too, which ends, and what was begun is removed on the way out. npm passes the
 * same Ctrl-C on, so it arrives twice; another one, a second later or more, ends us.
 */
function endInOrder(): void {
  let first = 0
  process.on('SIGINT', () => {
    if (first === 0) console.error('bench: stops, and removes the labs that it made')
    else if (Date.now() - first > 1000) process.exit(130)
    first ||= Date.now()
  })
}

async function bench(options: Options): Promise<void> {
  const { stdout: commit } = execaSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, reject: false })
  const result: Result = {
    begun: new Date().toISOString(),
    commit: commit || 'unknown',
    hypervisor: options.hypervisor,
    machine: { ...thisMachine(), kernel: release() },
    samples: [],
  }
  const { cache } = loadLab(root, { hypervisor: options.hypervisor }).paths
  // The comparison with the guide's way keeps its last result and its chart.
  const file = resultFile(cache, options.hypervisor, options.selfService ? '-self-service' : '')
  const last = readResult(file)
  const unfinished = file.replace(/json$/, 'unfinished.json')
  await measure(options, result, () => writeResult(unfinished, result))
  writeResult(file, result)
  rmSync(unfinished, { force: true })
  const rows = compareWays(result, options.computes[0]!)
  const chart = file.replace(/json$/, 'svg')
  const title = "A lab by ./lab and by the install guide's way"
  if (!options.selfService) writeFileSync(chart, drawChart(rows, title, machineLine(result)))
  console.log([show(result, last), '', file, ...(options.selfService ? [] : [chart])].join('\n'))
}

const command = defineCommand({
  meta: { name: 'bench', description: "Measures ./lab against the install guide's way, in turns" },
  args: {
    runs: { type: 'string', default: '3', description: 'how often each way is run' },
    computes: { type: 'string', default: '1', description: 'numbers of compute nodes, one lab each: 1,2,4' },
    hypervisor: { type: 'enum', options: [...hypervisors], default: 'lxc', description: 'kind of the nodes' },
    guide: { type: 'boolean', default: true, description: "the guide's way too (--no-guide: ours alone)" },
    'self-service': { type: 'boolean', description: "in place of the guide's way: ours with self-service networks" },
    checkpoints: { type: 'boolean', description: 'a save and a restore too, each until the lab is verified' },
    image: { type: 'boolean', description: 'the node image too, built anew beside the one that is there' },
    smallest: { type: 'boolean', description: 'in place of all that: finds the least memory of the nodes' },
    'guide-workers': { type: 'string', description: "processes of each API, in place of the packages' own 8 and 16" },
  },
  run: ({ args }) =>
    runExpected(async () => {
      expectRoot()
      endInOrder()
      const hypervisor = args.hypervisor as Hypervisor
      if (args.smallest) return searchSmallest(hypervisor)
      await bench({
        runs: Number(args.runs),
        computes: args.computes.split(',').map(Number),
        hypervisor,
        guide: args.guide && !args['self-service'],
        selfService: args['self-service'] ?? false,
        guideWorkers: args['guide-workers'] ? Number(args['guide-workers']) : undefined,
        image: args.image ?? false,
        checkpoints: args.checkpoints ?? false,
      })
    }),
})

await runMain(command)
