/** `./lab exec -- COMMAND`: runs any program where the lab can be reached, with its environment set. */

import { defineCommand } from 'citty'
import { enterLab } from '../run/namespace.ts'
import { terraformEnvironment } from '../terraform/terraform.ts'
import { checkout } from './checkout.ts'
import { clientEnvironment } from './env.ts'
import { loadRunningLab } from './running-lab.ts'

export default defineCommand({
  meta: {
    name: 'exec',
    description:
      "Runs a program in the lab's network, with the environment that OpenStack's clients, virsh and Terraform need: ./lab exec -- COMMAND",
  },
  async run({ rawArgs }) {
    const lab = loadRunningLab(checkout)
    const argv = rawArgs.slice(1)
    if (argv[0] === '--') argv.shift()
    // Terraform's, so that it works on the stacks as they stand; the cloud's last, for OS_CLOUD may be the user's choice.
    Object.assign(process.env, terraformEnvironment(lab), clientEnvironment(lab))
    process.exitCode = await enterLab(lab, argv)
  },
})
