/** The URL by which a service reaches its database. */

import { socketOf } from '../declaration/endpoints.ts'
import type { Lab } from '../declaration/lab.ts'
import type { Database } from '../engine/service.ts'

/** Secrets consist of letters and digits, so nothing has to be escaped. */
export function databaseUrl(lab: Lab, { name, user, password }: Database): string {
  return `mysql+pymysql://${user}:${password}@${socketOf(lab, 'mariadb')}/${name}?charset=utf8`
}
