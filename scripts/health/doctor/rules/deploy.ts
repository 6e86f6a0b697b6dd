/** What Terraform's states tell of runs that did not end. */

import { rule } from '../rule.ts'

export const runCutOff = rule({
  symptom: 'only part of the lab is deployed, although nothing on the nodes is broken',
  cause: 'the last run failed or was interrupted; Terraform has marked the resources that it was working on',
  remedy: 'run `./lab up` again; it continues where it stopped',
  reads: {},
  judge: (_, { unfinished }) =>
    unfinished.length
      ? [{ about: 'host', evidence: unfinished.map((line) => `Terraform: ${line}`), next: './lab up' }]
      : [],
})
