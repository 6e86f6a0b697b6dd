/** What Terraform's states tell of runs that did not end. */

import { rule } from '../rule.ts'

export const runCutOff = rule({
  symptom: 'the lab is only half what is declared, though nothing on the nodes is broken',
  cause: 'the last run failed or was interrupted: Terraform has marked the resources it was working on',
  remedy: 'run it again; it continues where it stopped',
  reads: {},
  judge: (_, { unfinished }) =>
    unfinished.length
      ? [{ about: 'host', evidence: unfinished.map((line) => `Terraform: ${line}`), next: './lab up' }]
      : [],
})
