/** How a command ends that has failed: its exit code, and with `--json` the one document that all commands give then. */

import { expectedError, LabError, NoLabError, UsageError } from '../declaration/errors.ts'
import { type Ending, exitCode } from '../declaration/exit-codes.ts'
import { pagesOf } from './doc-pages.ts'
import type { Content } from './documents/document.ts'
import type { errorDocument } from './documents/others.ts'

/** A command that only looks has found nothing wrong where it got no answer: it cannot tell. */
export function endingOfError(error: unknown, onlyLooks: boolean): Ending {
  if (error instanceof UsageError) return 'usage'
  if (error instanceof NoLabError) return 'noLab'
  const shown = expectedError(error)
  return shown && !(shown instanceof LabError) && onlyLooks ? 'unknown' : 'failed'
}

export function describeError(error: unknown, reason: Ending): Content<typeof errorDocument> {
  const shown = expectedError(error) ?? error
  const message = shown instanceof Error ? shown.message : String(shown)
  const findings = shown instanceof LabError ? { findings: shown.findings } : {}
  const docs = pagesOf(error)
  return { error: { reason, exitCode: exitCode(reason), message, ...findings, ...(docs.length ? { docs } : {}) } }
}
