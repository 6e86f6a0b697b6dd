/** `./lab status`: the current state of the lab on one screen, within seconds; also if much of it is dead. */

import { defineCommand } from 'citty'
import { exitCode } from '../declaration/exit-codes.ts'
import type { Lab } from '../declaration/lab.ts'
import { isWell, readProjectStatus, showProjectStatus } from '../health/status/project.ts'
import { endingOfStatus, readStatus, type Status } from '../health/status/status.ts'
import { showStatus } from '../health/status/text.ts'
import { printScreen } from '../terminal/screen.ts'
import { checkout } from './checkout.ts'
import { projectDocument } from './documents/class.ts'
import { jsonOption, printDocument } from './documents/document.ts'
import { statusDocument } from './documents/health.ts'
import { loadRunningLab } from './running-lab.ts'
import { watch, watchScreen } from './status-watch.ts'

async function showProject(lab: Lab, name: string, json: boolean): Promise<void> {
  const status = await readProjectStatus(lab, name)
  process.exitCode = exitCode(status.objects.every(isWell) ? 'ok' : 'ofUser')
  if (json) printDocument(projectDocument, status)
  else printScreen(showProjectStatus(status))
}

export default defineCommand({
  meta: {
    name: 'status',
    description:
      'Shows the lab on one screen. Exit code 0: everything is healthy; 1: something is not; 3: the lab is healthy, but an instance or a volume that a user created is not; 4: no lab; 5: nothing answered. With --project only 0, or 3 if something of the project has failed.',
  },
  args: {
    json: { type: 'boolean', description: `${jsonOption}; with --watch one on each line` },
    watch: { type: 'boolean', description: 'refresh until Ctrl-C' },
    project: {
      type: 'string',
      valueHint: 'name',
      description: 'what one project owns, and how much of its quotas is used',
    },
  },
  async run({ args }) {
    const lab = loadRunningLab(checkout)
    if (args.project !== undefined) return showProject(lab, args.project, args.json ?? false)
    const read = async () => {
      const status = await readStatus(lab)
      process.exitCode = exitCode(endingOfStatus(status))
      return status
    }
    const show = (status: Status) => showStatus(status, process.stdout.columns)
    if (args.json) await watch(args, async () => printDocument(statusDocument, await read(), { line: args.watch }))
    else if (args.watch) await watchScreen(async () => show(await read()))
    else printScreen(show(await read()))
  },
})
