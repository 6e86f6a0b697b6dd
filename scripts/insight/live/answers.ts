/** What a page asks for: logs, the address of a console, every hop to an instance, an earlier launch. */

import type { CloudClient } from '../../cloud/client.ts'
import { findServer } from '../../cloud/server-by-name.ts'
import { expectedError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import type { Secrets } from '../../declaration/secret-names.ts'
import { consoleUrl } from '../../health/verify/console.ts'
import { type Level, levels } from '../logs/levels.ts'
import { maskSecrets } from '../logs/mask.ts'
import { readLogs } from '../logs/read.ts'
import { walkPath } from '../topology/path.ts'
import { readTopology } from '../topology/read.ts'
import { findWay } from '../topology/way.ts'
import { traceOf } from '../trace/flow.ts'
import { readPastLaunch } from '../trace/past.ts'
import { findRecording } from '../trace/store.ts'
import { shownLaunch } from './follow-launches.ts'
import type { Answer, Question, ShownLaunch } from './protocol.ts'

/** Of the newest lines. */
const most = 400
const minutes = 30

export interface Asked {
  lab: Lab
  secrets: Secrets
  cloud(): Promise<CloudClient>
  /** A launch is shown like those that are seen. */
  show(launch: ShownLaunch): void
}

/** An error is an answer too. */
export async function answerTo(asked: Asked, question: Question): Promise<Answer> {
  try {
    return await answer(asked, question)
  } catch (error) {
    return { error: (expectedError(error) ?? (error as Error)).message }
  }
}

async function answer(asked: Asked, question: Question): Promise<Answer> {
  const { lab } = asked
  if (question.what === 'logs') return logs(asked, question)
  if (question.what === 'path') {
    const hops = await walkPath(findWay(lab, await readTopology(lab), question.instance))
    return { hops: hops.map(({ id, what, ok, seen, next }) => ({ id, what, ok, seen, next })) }
  }
  const cloud = await asked.cloud()
  if (question.what === 'console') {
    const server = await findServer(cloud, 'the console', question.instance)
    return { url: await consoleUrl(cloud, server.id) }
  }
  const known = findRecording(lab, question.instance)
  const recording = known ?? (await readPastLaunch(lab, cloud, question.instance))
  const launch = shownLaunch(traceOf(recording), true)
  asked.show(launch)
  return { launch: launch.id }
}

/** Secrets are masked: a page is easily shown to others. */
async function logs({ lab, secrets }: Asked, { node, instance, level }: Question & { what: 'logs' }): Promise<Answer> {
  const lines = await readLogs(lab, {
    nodes: lab.nodes.filter(({ name }) => node === undefined || name === node),
    services: [],
    since: Date.now() - minutes * 60_000,
    ...((levels as readonly string[]).includes(level ?? '') ? { level: level as Level } : {}),
    ...(instance ? { request: instance } : {}),
  })
  const values = Object.values(secrets)
  return { lines: lines.slice(-most).map((line) => ({ ...line, text: maskSecrets(line.text, values) })) }
}
