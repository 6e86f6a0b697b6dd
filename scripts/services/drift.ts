/** How the nodes of a lab differ from what its services declare. */

import type { Lab } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { type Drift, readDifferences, withoutWake } from '../engine/drift.ts'
import { enabledServices, serviceOf } from './index.ts'
import { withdrawnServices } from './withdrawn.ts'

/** Every service of the lab, also disabled ones, with its differences and their reasons; an empty list if none. */
export async function readDrift(lab: Lab): Promise<Drift> {
  const secrets = loadSecrets(lab.root)
  const services = [...enabledServices(lab), ...withdrawnServices(lab)].map((name) => serviceOf(lab, secrets, name))
  return withoutWake(await readDifferences(services, { lab, secrets }), services)
}
