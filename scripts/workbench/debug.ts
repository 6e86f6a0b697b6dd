/** `./lab debug`: a service's log level, changed while it runs. */

import { readFileSync } from 'node:fs'
import { UsageError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import type { ServiceName } from '../declaration/service-profiles.ts'
import { nodePlaces } from '../engine/script.ts'
import type { Progress } from '../run/progress.ts'
import { sshHost } from '../run/ssh.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { configOf } from './python-services.ts'
import { type NodeUnits, pythonUnits, waitForService } from './units.ts'

const library = readFileSync(new URL('debug.sh', import.meta.url), 'utf8')

/** Its own server takes SIGHUP for other things, and keeps its level. */
const deaf = ['glance-api']

/** Tests use their own paths. */
export interface DebugPlaces {
  run: string
  etc: string
  logs: string
}

const places: DebugPlaces = { run: nodePlaces.run, etc: '/etc', logs: '/var/log' }

export interface Debug {
  service: ServiceName
  on: boolean
  config: string
  units: readonly string[]
  seconds: number
}

export const debugScript = ({ service, on, config, units, seconds }: Debug, { run, etc, logs } = places): string =>
  [
    `service=${service} state=${on ? 'on' : 'off'} config=${shellQuote(config)} seconds=${seconds}`,
    `run_directory=${shellQuote(run)} etc=${shellQuote(etc)} logs=${shellQuote(logs)}`,
    `units=(${units.map(shellQuote).join(' ')}) deaf=(${deaf.join(' ')})`,
    library,
  ].join('\n')

/** What the declaration says stays: nothing that runs could be changed against it. */
function expectFree(lab: Lab, service: ServiceName, config: string): void {
  const declared = lab.configOverrides[config]?.['DEFAULT']?.['debug']
  if (declared === undefined) return
  const [where, given] = [`./lab debug ${service}`, `lab_config_overrides sets debug = ${declared} in ${config}`]
  throw new UsageError([{ where, given, allowed: 'a service whose level is not declared', remedy: './lab up' }])
}

/** On all its nodes. The daemons keep running where they can. Gives a line for each: `controller: reloaded nova-api`. */
export async function setDebug(lab: Lab, service: ServiceName, on: boolean, progress: Progress): Promise<string[]> {
  const config = configOf(service)!
  expectFree(lab, service, config)
  const change = async ({ node, units }: NodeUnits) => {
    const seconds = scaled(lab, timeouts.services.follow)
    const said = await sshHost(lab, node).run(debugScript({ service, on, config, units, seconds }), {
      step: `${service}: debug logging ${on ? 'on' : 'off'}`,
      timeoutSeconds: scaled(lab, timeouts.services.restart),
    })
    return said
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => `${node.name}: ${line}`)
  }
  const lines = await progress.step(`${service}: debug logging ${on ? 'on' : 'off'}`, () =>
    Promise.all(pythonUnits(lab, service).map(change)),
  )
  await progress.step(`wait for ${service}`, () => waitForService(lab, service))
  return lines.flat()
}
