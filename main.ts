/** The cdktf app: reads the Lab and writes the three stacks to cdktf.out/. It contacts nothing. */

import { fileURLToPath } from 'node:url'
import { loadLab } from './scripts/declaration/load.ts'
import { loadSecrets } from './scripts/declaration/secrets.ts'
import { runExpected } from './scripts/run/expected.ts'
import { ensureBindings } from './scripts/terraform/bindings.ts'
import { expectPrepared } from './scripts/terraform/unprepared.ts'

await runExpected(async () => {
  const root = fileURLToPath(new URL('.', import.meta.url))
  expectPrepared()
  ensureBindings(root)
  const { buildApp } = await import('./stacks/app.ts')
  buildApp(loadLab(root), loadSecrets(root)).synth()
})
