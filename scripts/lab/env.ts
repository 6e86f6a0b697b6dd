/** `./lab env`: the environment of OpenStack's clients and of virsh, for a shell or a program. */

import { defineCommand } from 'citty'
import { cloudEnvironment } from '../cloud/cloud-environment.ts'
import type { Lab } from '../declaration/lab.ts'
import { print, tell } from '../terminal/print.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { checkout } from './checkout.ts'
import { jsonOption, printDocument } from './documents/document.ts'
import { envDocument } from './documents/others.ts'
import { loadRunningLab } from './running-lab.ts'

/** Of everything that talks to the lab's cloud or to its libvirtd. */
export const clientEnvironment = (lab: Lab): Record<string, string> => ({
  ...cloudEnvironment(lab),
  LIBVIRT_DEFAULT_URI: lab.libvirtUri,
})

export default defineCommand({
  meta: {
    name: 'env',
    description:
      "Prints the environment variables that OpenStack's clients and virsh need, as commands for a shell. They contain no password. With lab_isolation: netns only programs started with `./lab exec` reach the lab, and these have the environment already.",
  },
  args: { json: { type: 'boolean', description: jsonOption } },
  run({ args }) {
    const lab = loadRunningLab(checkout)
    const environment = clientEnvironment(lab)
    const isolated = lab.isolation === 'netns'
    if (args.json) return printDocument(envDocument, { environment, isolated })
    for (const [name, value] of Object.entries(environment)) print(`export ${name}=${shellQuote(value)}`)
    if (isolated) tell('env: this lab is isolated (lab_isolation: netns); reach it with ./lab exec -- COMMAND')
  },
})
