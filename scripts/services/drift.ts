/** What differs inside a lab's nodes from what its services say. */

import type { Lab } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { type Drift, readDifferences, withoutWake } from '../engine/drift.ts'
import { enabledServices, serviceOf } from './index.ts'
import { withdrawnServices } from './withdrawn.ts'

/** Every service of the lab, also those that are off, with what differs and why; an empty list where nothing does. */
export async function readDrift(lab: Lab): Promise<Drift> {
  const secrets = loadSecrets(lab.root)
  const services = [...enabledServices(lab), ...withdrawnServices(lab)].map((name) => serviceOf(lab, secrets, name))
  return withoutWake(await readDifferences(services, { lab, secrets }), services)
}
