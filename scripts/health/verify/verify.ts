/** The acceptance list of a lab; each line is observed now, on the lab itself. */

import { type CloudClient, openCloud } from '../../cloud/client.ts'
import { testServers } from '../../cloud/test-servers.ts'
import type { Lab } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { withLock } from '../../run/lock.ts'
import { terminalProgress } from '../../run/progress.ts'
import { disconnect } from '../../run/ssh.ts'
import { observeConsole } from './console.ts'
import { observeDashboard } from './dashboard.ts'
import { observeDemo } from './demo.ts'
import { observeInstance } from './instance.ts'
import { observeVlan } from './networks.ts'
import { observeClocks, observeNova } from './nodes.ts'
import type { Observation, Watch } from './observation.ts'
import { observeAgents, observeCompute, observeEndpoints, observeVolumeServices } from './services.ts'
import { observeTags } from './tags.ts'
import { observeVolumes } from './volumes.ts'

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
export async function verifyVolumes(lab: Lab): Promise<Observation[]> {
  const progress = terminalProgress()
  const watch = { lab, cloud: signInOnce(lab, 30), patience: 1 }
  const place = { stack: 'verify', name: 'volumes' }
  return withLock(lab.root, () => progress.step('volumes', (note) => observeVolumes(watch, note), place))
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
