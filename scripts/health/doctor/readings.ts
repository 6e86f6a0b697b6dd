/** Reads what all rules want to know: one ssh round trip for each node, one script here, one token for the cloud. */

import type { CloudClient } from '../../cloud/client.ts'
import { openCloud } from '../../cloud/client.ts'
import { CommandError, ConnectError, isExpected, NotReadyError } from '../../declaration/errors.ts'
import { type Lab, type LabNode, nodesWith } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { runOnHost, timeoutExitCode } from '../../run/process.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { composeProbes, type Probe, parseProbes } from './probe-script.ts'
import { type Answer, type CloudRead, isShellRead, type Read, type ShellRead } from './rule.ts'

/** What came of one read. */
export interface Reading {
  answers: Answer[]
  /** The cloud's answer. */
  value?: unknown
  /** Place -> why nothing came from there. */
  missing: Map<string, string>
}

export interface Readings {
  of: (read: Read) => Reading
  /** Node name -> why it did not answer at all. */
  silent: ReadonlyMap<string, string>
  /** Why the cloud gave no token. */
  cloudSilent?: string
}

/** Never throws for something that is wrong in the lab: what could not be read says why. */
export async function readAll(lab: Lab, reads: readonly Read[]): Promise<Readings> {
  const readings = new Map<Read, Reading>(reads.map((read) => [read, { answers: [], missing: new Map() }]))
  const silent = new Map<string, string>()
  const shell = [...readings.keys()].filter(isShellRead)
  const cloud = [...readings.keys()].filter((read): read is CloudRead<unknown> => !isShellRead(read))
  const take = (read: Read) => readings.get(read)!
  const [cloudSilent] = await Promise.all([
    readCloud(lab, cloud, take),
    ...lab.nodes.map(async (node) => {
      const here = shell.filter(({ on }) => on !== 'host' && nodesWith(lab, on).includes(node))
      const why = await readPlace(node.name, lab, here, node, take, (script, seconds) =>
        sshHost(lab, node).run(script, { step: `look at ${node.name}`, timeoutSeconds: seconds }),
      )
      if (why) silent.set(node.name, why)
    }),
    readHost(
      lab,
      shell.filter(({ on }) => on === 'host'),
      take,
    ),
  ])
  const names = lab.nodes.map(({ name }) => name)
  for (const reading of readings.values()) sortByPlace(reading, names)
  return { of: take, silent: byPlace(silent, names), ...(cloudSilent ? { cloudSilent } : {}) }
}

const comparePlaces = (names: readonly string[]) => (a: string, b: string) => names.indexOf(a) - names.indexOf(b)

function byPlace(found: ReadonlyMap<string, string>, names: readonly string[]): Map<string, string> {
  const compare = comparePlaces(names)
  return new Map([...found].sort(([a], [b]) => compare(a, b)))
}

/** Nodes answer in any order; what is told of them is in that of the declaration. */
export function sortByPlace(reading: Reading, names: readonly string[]): void {
  const compare = comparePlaces(names)
  reading.answers.sort((a, b) => compare(a.at, b.at))
  reading.missing = byPlace(reading.missing, names)
}

type Take = (read: Read) => Reading
type Run = (script: string, seconds: number) => Promise<string>

/** Gives the reason where the place gave no answer at all. */
async function readPlace(
  at: string,
  lab: Lab,
  reads: readonly ShellRead[],
  node: LabNode,
  take: Take,
  run: Run,
): Promise<string | undefined> {
  const wanted = reads.map((read) => ({ read, script: read.script(lab, node) }))
  const scripts = [...new Set(wanted.map(({ script }) => script))]
  const probes = scripts.map((script): Probe => {
    const limits = wanted
      .filter((one) => one.script === script)
      .map(({ read }) => read.seconds ?? timeouts.nodes.doctor.seconds)
    return { script, seconds: Math.max(...limits) * lab.timeScale }
  })
  const longest = Math.max(...probes.map(({ seconds }) => seconds), timeouts.nodes.doctor.seconds)
  try {
    const answers = parseProbes(await run(composeProbes(probes), longest * 4), probes.length)
    for (const { read, script } of wanted) {
      const index = scripts.indexOf(script)
      const answer = answers[index]
      if (answer && answer.exitCode !== timeoutExitCode) take(read).answers.push({ at, text: answer.text })
      else
        take(read).missing.set(at, answer ? `no answer within ${probes[index]?.seconds} s` : 'its output was cut off')
    }
    return undefined
  } catch (error) {
    if (!isExpected(error)) throw error
    const why = reasonOf(error)
    for (const read of reads) take(read).missing.set(at, why)
    // A script that was ended by its time limit is a slow node, not a silent one.
    return error instanceof ConnectError ? why : undefined
  }
}

/** Where the lab can be reached; as the calling user, who may read everything that the rules ask of it. */
async function readHost(lab: Lab, reads: readonly ShellRead[], take: Take): Promise<void> {
  await readPlace('host', lab, reads, lab.nodes[0]!, take, async (script, seconds) => {
    const { stdout } = await runOnHost('bash', ['-s'], {
      step: 'look at this machine',
      input: script,
      timeoutSeconds: seconds,
    })
    return stdout
  })
}

/** Gives the reason where there is no token. */
async function readCloud(lab: Lab, reads: readonly CloudRead<unknown>[], take: Take): Promise<string | undefined> {
  if (reads.length === 0) return undefined
  let cloud: CloudClient
  try {
    cloud = await openCloud(lab, loadSecrets(lab.root), scaled(lab, timeouts.cloud.doctorRequest) / lab.timeScale)
  } catch (error) {
    if (!isExpected(error)) throw error
    const why = reasonOf(error)
    for (const read of reads) take(read).missing.set('the cloud', why)
    return why
  }
  await Promise.all(
    reads.map(async (read) => {
      try {
        take(read).value = await read.ask(cloud, lab)
      } catch (error) {
        take(read).missing.set('the cloud', reasonOf(error as Error))
      }
    }),
  )
  return undefined
}

/** In one line. */
function reasonOf(error: Error): string {
  if (error instanceof ConnectError) return error.detail
  if (error instanceof NotReadyError) return `${error.what}: ${error.lastAnswer}`
  if (error instanceof CommandError) return error.failure.output.trim().split('\n').at(-1) ?? 'failed'
  return error.message.split('\n')[0] ?? ''
}
