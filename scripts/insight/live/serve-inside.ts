/** The half inside the lab as a program: orders on its standard input, reports on its standard output. */

import { createInterface } from 'node:readline'
import { openCloud } from '../../cloud/client.ts'
import type { Lab } from '../../declaration/lab.ts'
import type { Secrets } from '../../declaration/secret-names.ts'
import { answerTo } from './answers.ts'
import { type LiveEvent, type Order, type Report, readDocuments } from './protocol.ts'
import { type LabWatch, watchLab } from './watch-lab.ts'

/** A page that is loaded again must not start everything anew. In milliseconds. */
const lingers = 20_000

/** Until its standard input is closed, however the other half has ended. */
export async function serveInside(lab: Lab, secrets: Secrets, write: (line: string) => void): Promise<void> {
  const report = (one: Report) => write(JSON.stringify(one))
  const tell = (event: LiveEvent) => report(event)
  let watch: LabWatch | undefined
  let ending: NodeJS.Timeout | undefined
  const end = async () => {
    const ended = watch
    watch = undefined
    await ended?.stop().catch(() => {})
  }
  const asked = {
    ...{ lab, secrets, cloud: () => openCloud(lab, secrets) },
    show: (launch: Parameters<typeof shown>[0]) => tell(shown(launch)),
  }
  await readDocuments<Order>(createInterface({ input: process.stdin }), (order) => {
    if ('ask' in order) {
      void answerTo(asked, order.question).then((content) => report({ answer: order.ask, content }))
      return
    }
    clearTimeout(ending)
    if (order.watch) watch ??= watchLab({ lab, secrets, tell })
    else ending = setTimeout(() => void end(), lingers)
  })
  clearTimeout(ending)
  await end()
}

const shown = (launch: Extract<LiveEvent, { kind: 'launch' }>['launch']): LiveEvent => ({
  kind: 'launch',
  key: `launch ${launch.id}`,
  launch,
})
