/** Stack `services`: one terraform_data per service, with the dependencies that the services declare. */

import { DataResource, TerraformStack } from 'cdktf'
import type { Construct } from 'constructs'
import type { Lab } from '../scripts/declaration/lab.ts'
import type { Secrets } from '../scripts/declaration/secret-names.ts'
import type { ServiceName } from '../scripts/declaration/service-profiles.ts'
import { serviceDigest } from '../scripts/engine/digest.ts'
import { enabledServices, serviceOf } from '../scripts/services/index.ts'
import { startOrder } from '../scripts/services/order.ts'
import { withdrawnServices } from '../scripts/services/withdrawn.ts'
import { runScript } from './run-script.ts'

/**
 * A service is provisioned again when, and only when, its digest changes. A disabled service stays a resource, and its
 * provisioner stops the service. There is no destroy provisioner: it would run at every change of a key, and the nodes
 * are removed as a whole.
 */
export class ServicesStack extends TerraformStack {
  constructor(scope: Construct, id: string, lab: Lab, secrets: Secrets) {
    super(scope, id)
    const services = new Map(enabledServices(lab).map((name) => [name, serviceOf(lab, secrets, name)]))
    const resources = new Map<ServiceName, DataResource>()
    // Ordered by their needs: a construct can only depend on one that exists.
    for (const name of startOrder([...services.values()])) {
      const service = services.get(name)!
      const dependsOn = service.needs.map((need) => resources.get(need)!)
      resources.set(name, this.addService(lab, name, { digest: serviceDigest(service, lab, secrets) }, dependsOn))
    }
    for (const name of withdrawnServices(lab)) {
      // The catalog entry is checked too.
      this.addService(lab, name, { state: 'absent' }, [resources.get('keystone')!])
    }
  }

  private addService(lab: Lab, name: ServiceName, triggersReplace: Record<string, string>, dependsOn: DataResource[]) {
    const provisioners = [{ type: 'local-exec' as const, ...runScript(lab, 'scripts/provision.ts', name) }]
    return new DataResource(this, name, { triggersReplace, provisioners, ...(dependsOn.length ? { dependsOn } : {}) })
  }
}
