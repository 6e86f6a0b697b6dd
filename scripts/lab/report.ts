/** `./lab report`: one page of plan, timeline of the deploy, verification, topology, a launch, machine and versions. */

import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { defineCommand } from 'citty'
import { loadLab } from '../declaration/load.ts'
import { makeReport } from '../insight/report/gather.ts'
import { openOutput } from '../run/output-file.ts'
import { disconnect } from '../run/ssh.ts'
import { tell } from '../terminal/print.ts'
import { checkout } from './checkout.ts'

export default defineCommand({
  meta: {
    name: 'report',
    description:
      'Writes one page with everything about the lab: plan, timeline of the deploy, checks, topology, a launch, machine and versions. Each `up` that changed something also writes one.',
  },
  args: {
    file: { type: 'positional', required: false, description: 'where to write it; default .lab/report.html' },
    kept: { type: 'boolean', description: 'use the check results of the last up instead of checking again' },
  },
  async run({ args }) {
    const lab = loadLab(checkout)
    const file = resolve(args.file ?? join(lab.paths.state, 'report.html'))
    if (args.file === undefined) mkdirSync(lab.paths.state, { recursive: true, mode: 0o700 })
    const write = openOutput('./lab report', file)
    try {
      write(await makeReport(lab, !args.kept))
    } finally {
      disconnect()
    }
    tell(`report: ${file}`)
  },
})
