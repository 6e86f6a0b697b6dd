/** `./lab verify`: the acceptance list; each line is checked now, on the lab itself. */

import { defineCommand } from 'citty'
import { exitCode } from '../declaration/exit-codes.ts'
import { explainFailure } from '../health/doctor/after-failure.ts'
import { renderJunit } from '../health/verify/junit.ts'
import { showObservations } from '../health/verify/text.ts'
import { bootTimeoutFactor, verify, verifyVolumes } from '../health/verify/verify.ts'
import { openOutput } from '../run/output-file.ts'
import { printScreen } from '../terminal/screen.ts'
import { checkout } from './checkout.ts'
import { jsonOption, printDocument } from './documents/document.ts'
import { verifyDocument } from './documents/health.ts'
import { loadRunningLab } from './running-lab.ts'

export default defineCommand({
  meta: {
    name: 'verify',
    description: 'Runs all checks on the lab. Exit code 0: every check passed; 1: at least one failed.',
  },
  args: {
    quick: { type: 'boolean', description: 'only check agents, endpoints, and whether the instance answers' },
    now: { type: 'boolean', description: 'check once, without waiting for what may still be starting' },
    booting: { type: 'boolean', description: 'use the longer timeouts that apply after the nodes were started' },
    volumes: {
      type: 'boolean',
      description: 'instead check everything a volume can do, with its own objects: takes minutes',
    },
    json: { type: 'boolean', description: jsonOption },
    junit: { type: 'string', valueHint: 'file', description: 'also write the results as JUnit XML, for CI' },
  },
  async run({ args }) {
    const lab = loadRunningLab(checkout)
    const junit = args.junit === undefined ? undefined : openOutput('./lab verify --junit', args.junit)
    const timeoutFactor = args.now ? 0 : args.booting ? bootTimeoutFactor : 1
    const observations = args.volumes
      ? await verifyVolumes(lab)
      : await verify(lab, { quick: args.quick ?? false, timeoutFactor })
    const ok = observations.every((observation) => observation.ok)
    junit?.(renderJunit(`duostack ${lab.name}`, observations))
    if (args.json) printDocument(verifyDocument, { ok, observations })
    else printScreen(showObservations(observations))
    process.exitCode = exitCode(ok ? 'ok' : 'failed')
    if (ok || args.json) return
    const causes = await explainFailure(lab)
    if (causes) printScreen(causes)
  },
})
