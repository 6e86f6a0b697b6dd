/** The stack `services`: one terraform_data for each service, with the edges of the services' own needs. */

import { DataResource, TerraformStack } from 'cdktf'
import type { Construct } from 'constructs'
import { type Lab, type ServiceName, serviceNames } from '../scripts/declaration/lab.ts'
import type { Secrets } from '../scripts/declaration/secret-names.ts'
import { serviceDigest } from '../scripts/engine/digest.ts'
import { serviceOf } from '../scripts/services/index.ts'

/**
 * A service is provisioned again when its digest changes, and only then. Switched off it stays a resource, whose
 * provisioner stops the service. There is no destroy provisioner: it would run at every change of a key, and the nodes
 * go as a whole.
 */
export class ServicesStack extends TerraformStack {
  constructor(scope: Construct, id: string, lab: Lab, secrets: Secrets) {
    super(scope, id)
    const resources = new Map<ServiceName, DataResource>()
    for (const name of inOrderOfNeeds(lab, secrets)) {
      const service = serviceOf(lab, secrets, name)
      const isOn = lab.services[name]
      const needs = isOn ? service.needs.flatMap((need) => resources.get(need) ?? []) : []
      const trigger = isOn ? { digest: serviceDigest(service, secrets) } : { state: 'absent' }
      resources.set(name, this.addService(name, lab, trigger, needs))
    }
  }

  private addService(name: ServiceName, lab: Lab, triggersReplace: Record<string, string>, dependsOn: DataResource[]) {
    const command = `node --import tsx scripts/provision.ts ${name}`
    return new DataResource(this, name, {
      triggersReplace,
      provisioners: [{ type: 'local-exec', command, workingDir: lab.root }],
      dependsOn,
    })
  }
}

/** Constructs can only depend on what is there already. Services that are off have no edges and come last. */
function inOrderOfNeeds(lab: Lab, secrets: Secrets): ServiceName[] {
  const order: ServiceName[] = []
  const add = (name: ServiceName, path: readonly ServiceName[]) => {
    if (path.includes(name)) throw new Error(`services need each other: ${[...path, name].join(' -> ')}`)
    if (order.includes(name) || !lab.services[name]) return
    for (const need of serviceOf(lab, secrets, name).needs) add(need, [...path, name])
    order.push(name)
  }
  for (const name of serviceNames) add(name, [])
  return [...order, ...serviceNames.filter((name) => !lab.services[name])]
}
