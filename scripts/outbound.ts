/** `outbound.ts`: what Terraform runs when the lab's networks are there, to open the way out of them. */

import { loadLab } from './declaration/load.ts'
import { openOutbound } from './host/outbound.ts'
import { runExpected } from './run/expected.ts'
import { tell } from './terminal/print.ts'

await runExpected(async () => {
  for (const line of await openOutbound(loadLab())) tell(line)
})
