/** `up --terraform`: which of the two programs a lab is built with. Chosen and recorded at its first up, then fixed. */

import type { Finding } from '../declaration/errors.ts'
import type { Identity, TerraformProgram } from '../declaration/identity.ts'
import type { TerraformFacts } from './facts.ts'

/** Pure. A state that one of them wrote need not be one that the other can read: an existing lab keeps its own. */
export function checkTerraformWanted(
  wanted: TerraformProgram['name'] | undefined,
  facts: Pick<TerraformFacts, 'program' | 'tooOld'>,
  identity?: Pick<Identity, 'terraform'>,
): Finding[] {
  if (wanted === undefined) return []
  const where = './lab up --terraform'
  if (identity && identity.terraform.name !== wanted) {
    const allowed = `${identity.terraform.name}, as the lab was built`
    return [{ where, given: wanted, allowed, remedy: `./lab down && ./lab up --terraform ${wanted}` }]
  }
  // OpenTofu is obtained where it is missing; Terraform's license does not let us.
  if (wanted === 'tofu' || facts.program) return []
  return [
    {
      where,
      given: `no terraform on PATH${facts.tooOld.length ? ` (too old: ${facts.tooOld.join(', ')})` : ''}`,
      allowed: 'Terraform 1.5 or later on PATH',
      remedy: 'install it (https://developer.hashicorp.com/terraform/install), or ./lab up --terraform tofu',
    },
  ]
}
