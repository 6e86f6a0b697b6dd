/** The lab's domains as libvirt describes them now. */

import type { Lab } from '../declaration/lab.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { virshXml } from './script.ts'
import { type LibvirtDomain, parseLibvirtObjects } from './xml.ts'

export async function readDomains(lab: Lab): Promise<LibvirtDomain[]> {
  const { stdout } = await runOnHost('bash', ['-s', ...Object.values(lab.libvirtUris)], {
    step: "read the lab's domains",
    input: `${virshXml}\nfor uri; do virsh_xml "$uri"; done\n`,
    timeoutSeconds: timeouts.machine.inventory.seconds,
  })
  return parseLibvirtObjects(stdout, lab).domains
}
