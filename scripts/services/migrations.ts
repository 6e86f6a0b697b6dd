/** Whether a database's schema stands at the newest migration of the installed package. */

import type { Step } from '../engine/service.ts'
import { timeouts } from '../run/timeouts.ts'

export interface Migrations {
  database: string
  /** Where the package keeps its migrations, below Python's dist-packages: `glance/db/sqlalchemy/…/versions`. */
  versions: string
}

/**
 * A bash group that holds where the table alembic_version names every head of the package: the revisions that no other
 * one follows or depends on. It reads the migrations as text, because the service's own tool takes seconds to import.
 */
export function schemaIsCurrent({ database, versions }: Migrations): string {
  const folder = `/usr/lib/python3/dist-packages/${versions}`
  const quoted = (names: string) =>
    `grep -rhE --include='*.py' '^(${names}) = ' ${folder} | grep -oE "'[^']+'" | tr -d "'" | sort -u`
  return [
    '(',
    `  heads=$(comm -23 <(${quoted('revision')}) <(${quoted('down_revision|depends_on')}))`,
    `  recorded=$(mariadb -N -B -e 'SELECT version_num FROM alembic_version' ${database} 2>/dev/null | sort)`,
    '  test -n "$heads" && test "$heads" = "$recorded"',
    ')',
  ].join('\n')
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
