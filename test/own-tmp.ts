/** Gives each test run its own folder for temporary files, which is removed at the end. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default function setup(): () => void {
  const own = mkdtempSync(join(tmpdir(), 'duostack-'))
  process.env.TMPDIR = own
  return () => rmSync(own, { recursive: true, force: true })
}
