/** What the tests and the programs that they start put into the directory for temporary files goes away with the run. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default function setup(): () => void {
  const own = mkdtempSync(join(tmpdir(), 'duostack-'))
  process.env.TMPDIR = own
  return () => rmSync(own, { recursive: true, force: true })
}
