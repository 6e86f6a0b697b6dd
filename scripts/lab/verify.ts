/** `./lab verify`: the acceptance list; each line is observed now, on the lab itself. */

import { defineCommand } from 'citty'
import { loadLab } from '../declaration/load.ts'
import { explainFailure } from '../health/doctor/after-failure.ts'
import { showObservations } from '../health/verify/text.ts'
import { bootPatience, verify, verifyVolumes } from '../health/verify/verify.ts'
import { print } from '../terminal/print.ts'
import { checkout } from './checkout.ts'

export default defineCommand({
  meta: {
    name: 'verify',
    description: 'Observes the lab line by line. Exit code 0: every line holds; 1: at least one does not.',
  },
  args: {
    quick: { type: 'boolean', description: 'only agents, endpoints, and whether the instance answers' },
    now: { type: 'boolean', description: 'look once, without waiting for what may still be coming up' },
    booting: { type: 'boolean', description: 'wait as long as after a start of the nodes' },
    volumes: { type: 'boolean', description: 'instead, all that a volume can do, with objects of its own: minutes' },
    json: { type: 'boolean', description: 'one JSON document on stdout: {"ok": …, "observations": […]}' },
  },
  async run({ args }) {
    const lab = loadLab(checkout)
    const patience = args.now ? 0 : args.booting ? bootPatience : 1
    const observations = args.volumes
      ? await verifyVolumes(lab)
      : await verify(lab, { quick: args.quick ?? false, patience })
    const ok = observations.every((observation) => observation.ok)
    print(args.json ? JSON.stringify({ ok, observations }, null, 2) : showObservations(observations))
    process.exitCode = ok ? 0 : 1
    if (ok || args.json) return
    const causes = await explainFailure(lab)
    if (causes) print(causes)
  },
})
