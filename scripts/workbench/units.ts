/** The units that run a service's own Python, by node. */

import type { Lab, LabNode } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { profileOf, type ServiceName } from '../declaration/service-profiles.ts'
import { readySettings } from '../engine/apply.ts'
import { waitUntilReady } from '../engine/ready.ts'
import { serviceOf } from '../services/index.ts'
import { unitsOf } from '../services/units-of.ts'

export interface NodeUnits {
  node: LabNode
  units: string[]
}

/** Not what it brings along: libvirtd, tgt, and the sshd between compute nodes. */
function isOwn(service: ServiceName, unit: string): boolean {
  const apis = profileOf(service).apis ?? []
  return apis.some((api) => api.unit === unit) || (unit.startsWith(`${service}-`) && !unit.endsWith('-sshd'))
}

/** Nodes without one are left out. */
export function pythonUnits(lab: Lab, service: ServiceName): NodeUnits[] {
  const all = unitsOf(lab)
  return lab.nodes
    .map((node) => {
      const units = (all.get(node.name) ?? []).filter((one) => one.service === service && isOwn(service, one.unit))
      return { node, units: [...new Set(units.map(({ unit }) => unit))] }
    })
    .filter(({ units }) => units.length > 0)
}

/** Throws NotReadyError. */
export async function waitForService(lab: Lab, name: ServiceName): Promise<void> {
  const secrets = loadSecrets(lab.root)
  const service = serviceOf(lab, secrets, name)
  const settings = readySettings(service, { lab, secrets })
  await Promise.all(service.ready.map((ready) => waitUntilReady(ready, settings)))
}
