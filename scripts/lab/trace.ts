/** `./lab trace`: how an instance was launched, step by step, from what the launch left on the lab itself. */

import { defineCommand } from 'citty'
import { openCloud } from '../cloud/client.ts'
import { exitCode } from '../declaration/exit-codes.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { type DrillName, drillNames } from '../insight/trace/drills.ts'
import type { Recording } from '../insight/trace/evidence.ts'
import { recordAssociation } from '../insight/trace/floating-ip.ts'
import { traceOf } from '../insight/trace/flow.ts'
import { recordLaunch } from '../insight/trace/launch.ts'
import { readPastLaunch } from '../insight/trace/past.ts'
import { renderMermaid } from '../insight/trace/render-mermaid.ts'
import { renderTracePage } from '../insight/trace/render-page.ts'
import { showTrace } from '../insight/trace/render-text.ts'
import { findRecording, saveRecording } from '../insight/trace/store.ts'
import { isLaunch } from '../insight/trace/story.ts'
import type { Trace } from '../insight/trace/trace.ts'
import { withLock } from '../run/lock.ts'
import { terminalProgress } from '../run/progress.ts'
import { disconnect } from '../run/ssh.ts'
import { print } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { jsonOption, renderDocument } from './documents/document.ts'
import { traceDocument } from './documents/trace.ts'
import { sayStopping } from './stopping.ts'

/** A new launch changes the cloud: never beside an `up` or a `down`. */
async function record(
  lab: Lab,
  { drill, keep = false, network, 'floating-ip': floatingIp }: Asked,
): Promise<Recording> {
  sayStopping('trace')
  const progress = terminalProgress()
  const secrets = loadSecrets(lab.root)
  const options = { progress, keep, ...(drill ? { drill: drill as DrillName } : {}), ...(network ? { network } : {}) }
  const recording = await withLock(checkout, () =>
    floatingIp ? recordAssociation(lab, secrets, progress) : recordLaunch(lab, secrets, options),
  )
  progress.line(
    `  saved in ${saveRecording(lab, recording)}; to show it again: ./lab trace ${isLaunch(recording) ? recording.server.name : recording.id}`,
  )
  return recording
}

async function findLaunch(lab: Lab, server: string): Promise<Recording> {
  return findRecording(lab, server) ?? readPastLaunch(lab, await openCloud(lab, loadSecrets(lab.root)), server)
}

interface Asked {
  drill?: string | undefined
  keep?: boolean | undefined
  network?: string | undefined
  'floating-ip'?: boolean | undefined
}

interface Form {
  all?: boolean | undefined
  json?: boolean | undefined
  mermaid?: boolean | undefined
  html?: boolean | undefined
}

function show(trace: Trace, { all = false, json, mermaid, html }: Form): string {
  if (html) return renderTracePage(trace)
  if (json) return renderDocument(traceDocument, trace)
  if (mermaid) return renderMermaid(trace, { all })
  return showTrace(trace, { all, width: Math.max(80, process.stdout.columns ?? 160) })
}

export default defineCommand({
  meta: {
    name: 'trace',
    description:
      'Shows how an instance was launched: for an earlier launch, what was recorded or what the logs still say; for a new launch, everything. Exit code 0: the launch ended as expected.',
  },
  args: {
    server: {
      type: 'positional',
      required: false,
      description: 'name or id of the instance; default: the test instance',
    },
    launch: { type: 'boolean', description: 'launch an instance, record everything, and delete it again' },
    drill: {
      type: 'enum',
      options: [...drillNames],
      description: 'a launch that is meant to fail, in one of these ways',
    },
    network: {
      type: 'string',
      valueHint: 'network',
      description: 'launch it on this network; default: the provider network',
    },
    'floating-ip': {
      type: 'boolean',
      description: 'give a floating IP to a port, record everything, and remove both again',
    },
    keep: { type: 'boolean', description: 'keep the launched instance, its image, flavor and volume' },
    all: { type: 'boolean', description: 'also show what Zed does beyond the textbook steps' },
    json: { type: 'boolean', description: jsonOption },
    mermaid: { type: 'boolean', description: 'a Mermaid sequence diagram on stdout' },
    html: { type: 'boolean', description: 'a self-contained page on stdout' },
  },
  async run({ args }) {
    const lab = loadLab(checkout)
    const fresh = args.launch || args.drill !== undefined || args['floating-ip']
    try {
      const recording = fresh ? await record(lab, args) : await findLaunch(lab, args.server ?? lab.cloud.server.name)
      const trace = traceOf(recording)
      print(show(trace, args))
      // A drill is meant to fail: it has done its work when it has.
      const isGood = trace.drill ? trace.stop !== undefined : trace.server.status === 'ACTIVE'
      process.exitCode = exitCode(isGood ? 'ok' : 'failed')
    } finally {
      disconnect()
    }
  },
})
