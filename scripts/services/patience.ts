/** How long the services themselves wait for each other: their own timeouts, from one table. */

import type { Lab } from '../declaration/lab.ts'
import type { ConfigFile } from '../engine/service.ts'
import { restartUntilUp, unitDropIn } from './unit-drop-in.ts'

/** Seconds at native speed: the defaults of Nova, Neutron and Cinder. */
const native = {
  /** An RPC call without an answer. */
  rpcResponse: 60,
  /** Nova and Cinder: between two signs of life; without one for `serviceDown` a service counts as down. */
  serviceReport: 10,
  serviceDown: 60,
  /** Neutron's twin of the two above. */
  agentReport: 30,
  agentDown: 75,
  /** Nova waits for Neutron's word that a port is wired, then gives the instance up. */
  vifPlugging: 300,
  /** systemd: until a unit is up, with its wait for another service. */
  unitStart: 300,
  /** systemd: until a stopping unit is killed. The packages say 15, and nova-compute loses work to it. */
  unitStop: 30,
} as const

export type Patience = Readonly<Record<keyof typeof native, number>>

/**
 * The table for this lab. Emulated nodes are about twelve times slower, but a lost message also blocks its caller for
 * the whole `rpcResponse`: five times as long was enough in practice, and twelve would double every mishap.
 */
export function patienceOf(lab: Lab): Patience {
  const scale = Math.min(lab.timeScale, 5)
  return Object.fromEntries(Object.entries(native).map(([name, seconds]) => [name, seconds * scale])) as Patience
}

/** The drop-in of a unit that takes its time: it starts until it is up, and has all of `patienceOf` to start and stop. */
export function patientUnit(lab: Lab, unit: string, lines: readonly string[] = []): ConfigFile {
  const { unitStart, unitStop } = patienceOf(lab)
  const times = [`TimeoutStartSec=${unitStart}`, `TimeoutStopSec=${unitStop}`]
  return unitDropIn(unit, { ...restartUntilUp, Service: [...(restartUntilUp.Service ?? []), ...times, ...lines] })
}

/**
 * An ExecStartPre that ends when all of these URLs answer, whatever they answer. Every try costs an emulated node a
 * tenth of a core when it is made each second.
 */
export function waitForAnswer(lab: Lab, urls: readonly string[], unless?: string): string {
  const all = urls.map((url) => `curl -s -o /dev/null ${url}`).join(' && ')
  const wait = `until ${all}; do sleep ${Math.min(lab.timeScale, 5)}; done`
  return `ExecStartPre=/bin/sh -c '${unless ? `if ${unless}; then exit 0; fi; ` : ''}${wait}'`
}
