/** `vlan-interface.ts create`, `destroy NAME`: what Terraform runs for this machine's interface in the VLAN network. */

import { LabError } from './declaration/errors.ts'
import { loadLab } from './declaration/load.ts'
import { ensureVlanInterface, isVlanInterface, removeVlanInterface } from './host/vlan-interface.ts'
import { runExpected } from './run/expected.ts'

await runExpected(async () => {
  const lab = loadLab()
  const [verb, name = ''] = process.argv.slice(2)
  if (verb === 'create' && lab.networks.vlan) await ensureVlanInterface(lab, lab.networks.vlan)
  else if (verb === 'destroy' && isVlanInterface(lab, name)) await removeVlanInterface(name)
  else {
    const given = [verb, name].filter(Boolean).join(' ') || 'nothing'
    const allowed = `create, if a VLAN network is configured, or destroy ${lab.id}-v<VLAN ID>`
    throw new LabError([{ where: 'vlan-interface.ts', given, allowed }])
  }
})
