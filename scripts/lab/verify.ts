/** `./lab verify`: the acceptance list; each line is observed now, on the lab itself. */

import { defineCommand } from 'citty'
import { type CloudClient, openCloud } from '../cloud/client.ts'
import { testServers } from '../cloud/test-servers.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { explainFailure } from '../health/doctor/after-failure.ts'
import { observeConsole } from '../health/verify/console.ts'
import { observeDashboard } from '../health/verify/dashboard.ts'
import { observeDemo } from '../health/verify/demo.ts'
import { observeInstance } from '../health/verify/instance.ts'
import { observeVlan } from '../health/verify/networks.ts'
import { observeClocks, observeNova } from '../health/verify/nodes.ts'
import { type Observation, showObservations, type Watch } from '../health/verify/observation.ts'
import { observeAgents, observeCompute, observeEndpoints, observeVolumeServices } from '../health/verify/services.ts'
import { observeTags } from '../health/verify/tags.ts'
import { observeVolumes } from '../health/verify/volumes.ts'
import { withLock } from '../run/lock.ts'
import { terminalProgress } from '../run/progress.ts'
import { disconnect } from '../run/ssh.ts'
import { print } from '../terminal/print.ts'
import { checkout } from './checkout.ts'

export { type Observation, showObservations }

export interface VerifyOptions {
  /** Only agents, endpoints, and whether the instance answers: seconds, for a run that changed nothing. */
  quick?: boolean
  /** Factor of every deadline: 0 looks once, in place of waiting for what may still be coming up. Default 1. */
  patience?: number
  /** Told how much has been observed, and what is still waited for. */
  note?: (detail: string) => void
}

/** One sign-in for all; a failed one is tried again by whoever asks next. */
function signInOnce(lab: Lab, requestSeconds: number): () => Promise<CloudClient> {
  let cloud: Promise<CloudClient> | undefined
  return () => {
    cloud ??= openCloud(lab, loadSecrets(lab.root), requestSeconds).catch((error: unknown) => {
      cloud = undefined
      throw error
    })
    return cloud
  }
}

/**
 * Observes the lab, independent things side by side, and gives every line in a fixed order. Waits for each until its
 * own deadline, scaled by the lab. Never throws for something that is wrong in the lab: that is a line that is not ok.
 * A service that is off has no line.
 */
export async function verify(lab: Lab, options: VerifyOptions = {}): Promise<Observation[]> {
  const { quick = false, patience = 1, note = () => {} } = options
  try {
    return await observe({ lab, cloud: signInOnce(lab, patience ? 30 : 10), patience }, quick, counted(note))
  } finally {
    await disconnect()
  }
}

/** The long list of volumes, by itself: it makes objects, so the lab is locked for others meanwhile. */
async function verifyVolumes(lab: Lab): Promise<Observation[]> {
  const progress = terminalProgress()
  const watch = { lab, cloud: signInOnce(lab, 30), patience: 1 }
  const place = { stack: 'verify', name: 'volumes' }
  return withLock(checkout, () => progress.step('volumes', (note) => observeVolumes(watch, note), place))
}

/** After a start all services come up at once, and wait for each other on the way. */
export const bootPatience = 4

type Part = (name: string, observing: Promise<Observation[]>) => Promise<Observation[]>

/** Notes each part as it is done: `7 of 11 · waiting for instance, console`. */
function counted(note: (detail: string) => void): Part {
  const pending = new Set<string>()
  let all = 0
  const tell = () =>
    note(`${all - pending.size} of ${all}${pending.size ? ` · waiting for ${[...pending].join(', ')}` : ''}`)
  return async (name, observing) => {
    pending.add(name)
    all += 1
    tell()
    const seen = await observing
    pending.delete(name)
    tell()
    return seen
  }
}

async function observe(watch: Watch, quick: boolean, part: Part): Promise<Observation[]> {
  const instances = testServers(watch.lab).map((server) => observeInstance(watch, server, quick))
  const basic = [
    part('endpoints', observeEndpoints(watch)),
    part('agents', observeAgents(watch)),
    part(
      'instance',
      Promise.all(instances).then((lists) => lists.flat()),
    ),
  ]
  if (quick) return (await Promise.all(basic)).flat()
  const [endpoints = [], agents = [], instance = [], ...others] = await Promise.all([
    ...basic,
    part('nova', observeNova(watch)),
    part('compute', observeCompute(watch)),
    part('volumes', observeVolumeServices(watch)),
    part('clocks', observeClocks(watch)),
    part('VLAN', observeVlan(watch)),
    part('demo', observeDemo(watch)),
    part('tags', observeTags(watch)),
    part('dashboard', observeDashboard(watch)),
    part('console', observeConsole(watch)),
  ])
  return [...endpoints, ...agents, ...others.slice(0, 6).flat(), ...instance, ...others.slice(6).flat()]
}

export default defineCommand({
  meta: {
    name: 'verify',
    description: 'Observes the lab line by line. Exit code 0: every line holds; 1: at least one does not.',
  },
  args: {
    quick: { type: 'boolean', description: 'only agents, endpoints, and whether the instance answers' },
    now: { type: 'boolean', description: 'look once, without waiting for what may still be coming up' },
    booting: { type: 'boolean', description: 'wait as long as after a start of the nodes' },
    volumes: { type: 'boolean', description: 'instead, all that a volume can do, with objects of its own: minutes' },
    json: { type: 'boolean', description: 'one JSON document on stdout: {"ok": …, "observations": […]}' },
  },
  async run({ args }) {
    const lab = loadLab(checkout)
    const patience = args.now ? 0 : args.booting ? bootPatience : 1
    const observations = args.volumes
      ? await verifyVolumes(lab)
      : await verify(lab, { quick: args.quick ?? false, patience })
    const ok = observations.every((observation) => observation.ok)
    print(args.json ? JSON.stringify({ ok, observations }, null, 2) : showObservations(observations))
    process.exitCode = ok ? 0 : 1
    if (ok || args.json) return
    const causes = await explainFailure(lab)
    if (causes) print(causes)
  },
})
