/** `./lab doctor --host`: is this machine fit for the declared lab? */

import { defineCommand } from 'citty'
import { readHostReport, showHostReport } from '../host/report.ts'
import { checkout } from './checkout.ts'

export default defineCommand({
  meta: {
    name: 'doctor',
    description: 'Looks at this machine: what fits the declared lab, what does not, and what to do.',
  },
  args: {
    host: { type: 'boolean', description: 'this machine: what `up` checks before it touches anything' },
    json: { type: 'boolean', description: 'one JSON document on stdout' },
  },
  async run({ args }) {
    const report = await readHostReport(checkout)
    console.log(args.json ? JSON.stringify(report, null, 2) : showHostReport(report))
    process.exitCode = report.fit ? 0 : 1
  },
})
