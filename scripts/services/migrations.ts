/** Whether a database's schema stands at the newest migration of the installed package. */

import type { Step } from '../engine/service.ts'
import { timeouts } from '../run/timeouts.ts'

export interface Migrations {
  database: string
  /** Where the package keeps its migrations, below Python's dist-packages: `glance/db/sqlalchemy/…/versions`. */
  versions: string
  /** What they are written for; default Alembic. */
  tool?: 'sqlalchemy-migrate'
}

/**
 * A bash group that holds where the database has what the package has. It reads the migrations as text, because the
 * service's own tool takes seconds to import.
 */
export function schemaIsCurrent({ database, versions, tool }: Migrations): string {
  const folder = `/usr/lib/python3/dist-packages/${versions}`
  return ['(', ...(tool ? newestIsRecorded(database, folder) : headsAreRecorded(database, folder)), ')'].join('\n')
}

const recorded = (database: string, column: string, table: string) =>
  `  recorded=$(mariadb -N -B -e 'SELECT ${column} FROM ${table}' ${database} 2>/dev/null | sort)`

/** The table alembic_version names every head: the revisions that no other one follows or depends on. */
function headsAreRecorded(database: string, folder: string): string[] {
  const quoted = (names: string) =>
    `grep -rhE --include='*.py' '^(${names}) = ' ${folder} | grep -oE "'[^']+'" | tr -d "'" | sort -u`
  return [
    `  heads=$(comm -23 <(${quoted('revision')}) <(${quoted('down_revision|depends_on')}))`,
    recorded(database, 'version_num', 'alembic_version'),
    '  test -n "$heads" && test "$heads" = "$recorded"',
  ]
}

/** The table migrate_version has the highest number with which a file begins: `086_drop_watch_rule.py`. */
function newestIsRecorded(database: string, folder: string): string[] {
  return [
    `  newest=$(find ${folder} -name '[0-9]*.py' -printf '%f\\n' | sed -E 's/^0*([0-9]+)_.*/\\1/' | sort -n | tail -n 1)`,
    recorded(database, 'version', 'migrate_version'),
    '  test -n "$newest" && test "$newest" = "$recorded"',
  ]
}

/** The Step that brings schemas up to date with the service's own tool, run as the service's own Unix user. */
export function migrateStep(user: string, command: string, migrations: readonly Migrations[]): Step {
  return {
    name: command,
    unless: migrations.map(schemaIsCurrent).join(' &&\n'),
    // The check needs root, who reads every database through MariaDB's socket; the tool must not leave files of root's.
    run: `runuser -u ${user} -- ${command} </dev/null`,
    timeoutSeconds: timeouts.services.slowStep.seconds,
    inImage: true,
  }
}
