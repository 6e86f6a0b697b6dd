/** What `./lab wait` is asked to wait for, and how long. */

import { UsageError } from '../declaration/errors.ts'
import { conditions } from '../health/conditions.ts'
import { parseDuration } from '../terminal/amounts.ts'

const where = './lab wait'

interface Wanted {
  name: keyof typeof conditions
  /** Empty for the lab itself. */
  server: string
}

/** Throws UsageError with what is allowed. */
export function parseCondition(given: string): Wanted {
  const [, name = '', server = ''] = /^([a-z]+)(?::(.+))?$/s.exec(given) ?? []
  if (name === 'healthy' ? server === '' : Object.hasOwn(conditions, name) && server !== '')
    return { name: name as Wanted['name'], server }
  const allowed = 'healthy, active:SERVER or deleted:SERVER'
  throw new UsageError([{ where: `${where} --for`, given, allowed, remedy: './lab wait --for healthy' }])
}

/** Throws UsageError with what is allowed. */
export function parseTimeout(given: string): number {
  const seconds = parseDuration(given)
  if (seconds !== undefined && seconds <= 86_400) return seconds
  const allowed = '30s, 5m, 1h; up to 24h'
  throw new UsageError([
    { where: `${where} --timeout`, given, allowed, remedy: './lab wait --for healthy --timeout 5m' },
  ])
}
