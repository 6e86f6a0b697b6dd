/** Parses `--since`: how long ago, or at what time. */

import { UsageError } from '../../declaration/errors.ts'
import { parseDuration } from '../../terminal/amounts.ts'

const allowed = '30s, 10m, 2h, 1d; or 2026-11-24T06:30, 2026-11-24 06:30:15, 06:30 (all UTC, as the nodes keep it)'

/** Milliseconds since 1970. Throws UsageError with the allowed forms, also for a time in the future or before 1970. */
export function parseSince(given: string, now = Date.now()): number {
  const ago = parseDuration(given)
  const text = given.trim().replace(' ', 'T')
  const day = new Date(now).toISOString().slice(0, 10)
  const full = /^\d\d:\d\d(:\d\d)?$/.test(text) ? `${day}T${text}` : text
  const at = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?Z?$/.test(full)
    ? Date.parse(full.endsWith('Z') || !full.includes('T') ? full : `${full}Z`)
    : ago === undefined
      ? Number.NaN
      : now - ago * 1000
  // A clock that is slightly behind is not the user's mistake.
  if (at >= 0 && at <= now + 60_000) return at
  throw new UsageError([{ where: './lab logs --since', given, allowed, remedy: './lab logs --since 10m' }])
}
