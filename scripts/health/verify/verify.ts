/** The acceptance list of a lab; each line is observed now, on the lab itself. */

import { type CloudClient, openCloud } from '../../cloud/client.ts'
import { testServers } from '../../cloud/test-servers.ts'
import type { Lab } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import type { Observation } from '../../run/check.ts'
import { withLock } from '../../run/lock.ts'
import { terminalProgress } from '../../run/progress.ts'
import { disconnect } from '../../run/ssh.ts'
import { timeouts } from '../../run/timeouts.ts'
import { poll } from '../../run/wait-for.ts'
import { type LabCheck, observeUntil, requestSeconds, type Watch } from '../check.ts'
import { agentsCheck } from '../checks/agents.ts'
import { computeCheck, otherDaemonChecks } from '../checks/daemons.ts'
import { endpointsCheck } from '../checks/endpoints.ts'
import { daemonsOf, disbelieve, stoppedUnits } from '../status/stale.ts'
import { readNodes } from '../status/status.ts'
import { consoleCheck } from './console.ts'
import { dashboardCheck } from './dashboard.ts'
import { demoCheck } from './demo.ts'
import { observeInstance } from './instance.ts'
import { vlanCheck } from './networks.ts'
import { novaCheck, observeClocks } from './nodes.ts'
import { routingCheck } from './routing.ts'
import { tagsCheck } from './tags.ts'
import { observeVolumes } from './volumes.ts'

export interface VerifyOptions {
  /** Only agents, endpoints, and whether the instance answers: seconds, for a run that changed nothing. */
  quick?: boolean
  /** Factor of every deadline: 0 looks once, in place of waiting for what may still be coming up. Default 1. */
  timeoutFactor?: number
  /** Told how much has been observed, and what is still waited for. */
  note?: (detail: string) => void
}

/** What is observed side by side, in the order of the lines. */
interface Part {
  id: string
  /** Also of a quick verify. */
  quick?: true
  when?: LabCheck['when']
  observe: (watch: Watch, quick: boolean) => Promise<Observation[]>
}

const partOf = (check: LabCheck): Part => ({
  id: check.id,
  ...(check.when ? { when: check.when } : {}),
  observe: (watch) => observeUntil(check, watch),
})

async function observeInstances(watch: Watch, quick: boolean): Promise<Observation[]> {
  const lists = testServers(watch.lab).map((server) => observeInstance(watch, server, quick))
  return (await Promise.all(lists)).flat()
}

export const parts: readonly Part[] = [
  { ...partOf(endpointsCheck), quick: true },
  { ...partOf(agentsCheck), quick: true },
  partOf(novaCheck),
  partOf(computeCheck),
  ...otherDaemonChecks.map(partOf),
  { id: 'clocks', observe: observeClocks },
  partOf(vlanCheck),
  partOf(demoCheck),
  { id: 'instance', quick: true, observe: observeInstances },
  partOf(tagsCheck),
  partOf(routingCheck),
  partOf(dashboardCheck),
  partOf(consoleCheck),
]

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

/** The daemons' units that do not run, seen last: the APIs call such a daemon up until its reports are overdue. */
async function waitForUnits({ lab, timeoutFactor }: Watch): Promise<ReturnType<typeof stoppedUnits>> {
  const timeoutSeconds = timeoutFactor * timeouts.verify.agents.seconds
  // Each look is an ssh session on every node, which is booting meanwhile.
  const polling = { timeoutSeconds, pauseSeconds: 5, longestPauseSeconds: 15 }
  const look = async () => stoppedUnits(daemonsOf(lab), await readNodes(lab))
  return (await poll(lab, polling, look, ({ size }) => size === 0)).seen
}

/**
 * Observes the lab, independent things side by side, and gives every line in a fixed order. Waits for each until its
 * own deadline, scaled by the lab. Never throws for something that is wrong in the lab: that is a line that is not ok.
 * A service that is off has no line.
 */
export async function verify(lab: Lab, options: VerifyOptions = {}): Promise<Observation[]> {
  const { quick = false, timeoutFactor = 1, note = () => {} } = options
  try {
    const watch = { lab, cloud: signInOnce(lab, requestSeconds(timeoutFactor)), timeoutFactor }
    const chosen = parts.filter((part) => (part.quick || !quick) && (!part.when || part.when(lab)))
    const observe = counted(note)
    const [stopped, ...lists] = await Promise.all([
      observe('units', waitForUnits(watch)),
      ...chosen.map((part) => observe(part.id, part.observe(watch, quick))),
    ])
    return disbelieve(lists.flat(), stopped)
  } finally {
    await disconnect()
  }
}

/** The long list of volumes, by itself: it makes objects, so the lab is locked for others meanwhile. */
export async function verifyVolumes(lab: Lab): Promise<Observation[]> {
  const progress = terminalProgress()
  const watch = { lab, cloud: signInOnce(lab, timeouts.cloud.request.seconds), timeoutFactor: 1 }
  const place = { stack: 'verify', name: 'volumes' }
  return withLock(lab.root, () => progress.step('volumes', (note) => observeVolumes(watch, note), place))
}

/** After a start all services come up at once, and wait for each other on the way. */
export const bootTimeoutFactor = 4

/** Notes each part as it is done: `7 of 11 · waiting for instance, console`. */
function counted(note: (detail: string) => void) {
  const pending = new Set<string>()
  let all = 0
  const tell = () =>
    note(`${all - pending.size} of ${all}${pending.size ? ` · waiting for ${[...pending].join(', ')}` : ''}`)
  return async <T>(name: string, observing: Promise<T>): Promise<T> => {
    pending.add(name)
    all += 1
    tell()
    const seen = await observing
    pending.delete(name)
    tell()
    return seen
  }
}
