/** For `./lab plan`: what the next `up` would do to nodes before it runs Terraform, which does not know about it. */

import type { Lab } from '../../declaration/lab.ts'
import { readDomains } from '../../libvirt/domains.ts'
import { readState } from '../../terraform/state.ts'
import { describeNodeChanges } from './node-changes.ts'

export async function readNodeChanges(lab: Lab): Promise<string[]> {
  return describeNodeChanges(lab, await readDomains(lab), readState(lab, 'nodes'))
}
