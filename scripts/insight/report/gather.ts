/** Reads everything that the report shows, in parallel. A part that does not answer is left out, with the reason. */

import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { type CloudClient, openCloud } from '../../cloud/client.ts'
import { replaceFile } from '../../declaration/files.ts'
import { readJson } from '../../declaration/json-file.ts'
import type { Lab } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { verify } from '../../health/verify/verify.ts'
import type { Observation } from '../../run/check.ts'
import { machineTimingsFile, readTimings, thisMachine, timingsFile } from '../../run/progress/timings.ts'
import { serviceNeeds } from '../../services/needs.ts'
import { readOnNodes } from '../../workbench/on-nodes.ts'
import type { Section } from '../page/page.ts'
import { readPlan } from '../plan/read-plan.ts'
import { drawPlan } from '../plan/svg.ts'
import { showPlan } from '../plan/text.ts'
import { readTopology } from '../topology/read.ts'
import { topologySection } from '../topology/render-page.ts'
import { traceOf } from '../trace/flow.ts'
import { readPastLaunch } from '../trace/past.ts'
import { traceSection } from '../trace/render-page.ts'
import { newestRecording } from '../trace/store.ts'
import { readVersions, showVersions } from '../versions.ts'
import {
  missingSection,
  planSection,
  renderReport,
  textSection,
  type Verification,
  verifySection,
} from './report-page.ts'
import { timelineSection } from './timeline.ts'

const verificationFile = (lab: Lab) => join(lab.paths.state, 'verification.json')

/** At the end of an `up`, so that its report need not read the lab again. */
export function keepVerification(lab: Lab, observations: readonly Observation[]): void {
  const verification: Verification = { at: new Date().toISOString(), observations }
  replaceFile(verificationFile(lab), JSON.stringify(verification))
}

function readVerification(lab: Lab): Verification | undefined {
  return readJson<Verification>(
    verificationFile(lab),
    ({ at, observations }) => Boolean(at) && Array.isArray(observations),
  )
}

async function observe(lab: Lab): Promise<Verification> {
  return { observations: await verify(lab, { timeoutFactor: 0 }), at: new Date().toISOString() }
}

async function readPlanSection(lab: Lab): Promise<Section> {
  const plan = await readPlan(lab.root, lab)
  return planSection(showPlan(plan), drawPlan(plan.plan))
}

/** The last run here that built something, else the last that built such a lab on this machine. */
function readDeploy(lab: Lab): Section {
  const needsOf = serviceNeeds(lab, loadSecrets(lab.root))
  const own = readTimings(timingsFile(lab.root))
  if (own?.steps.some(({ stack }) => stack === 'services'))
    return timelineSection(own, needsOf, 'The last ./lab up of this checkout')
  const machine = readTimings(machineTimingsFile(lab.paths.cache, lab.hypervisor))
  return timelineSection(
    machine ?? own,
    needsOf,
    machine ? 'The last ./lab up that built such a lab on this machine' : 'The last ./lab up',
  )
}

async function readTrace(lab: Lab, cloud: () => Promise<CloudClient>): Promise<Section> {
  const recording = newestRecording(lab) ?? (await readPastLaunch(lab, await cloud(), lab.cloud.server.name))
  return traceSection(traceOf(recording))
}

async function describeMachine(root: string): Promise<string> {
  const { cpus, processor, memoryMiB } = thisMachine()
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown'
  return [
    `${cpus} processors, ${processor}`,
    `${memoryMiB} MiB memory`,
    `${system}, kernel ${release()}`,
    '',
    showVersions(await readVersions(root)),
  ].join('\n')
}

/** Nothing where nothing is. */
async function readOnPurpose(lab: Lab): Promise<Section | undefined> {
  const lines = await readOnNodes(lab)
  return lines.length ? textSection('on-purpose', 'Changed on purpose', lines.join('\n')) : undefined
}

type Part = [id: string, title: string, read: () => Promise<Section | undefined> | Section]

/** `again`: reads the lab itself; otherwise what the end of the `up` observed is used. */
export async function makeReport(lab: Lab, again: boolean): Promise<string> {
  let cloud: Promise<CloudClient> | undefined
  const openOnce = () => {
    cloud ??= openCloud(lab, loadSecrets(lab.root))
    return cloud
  }
  const known = again ? undefined : readVerification(lab)
  const parts: Part[] = [
    ['verify', 'Verification', async () => verifySection(known ?? (await observe(lab)))],
    ['on-purpose', 'Changed on purpose', () => readOnPurpose(lab)],
    ['plan', 'Plan', () => readPlanSection(lab)],
    ['timeline', 'Timeline of the deploy', () => readDeploy(lab)],
    ['topology', 'Topology', async () => topologySection(await readTopology(lab))],
    ['trace', 'A launch, step by step', () => readTrace(lab, openOnce)],
    [
      'machine',
      'Machine and versions',
      async () => textSection('machine', 'Machine and versions', await describeMachine(lab.root)),
    ],
  ]
  const sections = parts.map(async ([id, title, read]) => {
    try {
      return await read()
    } catch (error) {
      return missingSection(id, title, (error as Error).message)
    }
  })
  const shown = (await Promise.all(sections)).filter((section) => section !== undefined)
  return renderReport(lab, new Date().toISOString(), shown)
}
