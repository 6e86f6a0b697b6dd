/** MariaDB databases with their users, created on the controller over the server's own socket. */

import { shellQuote } from '../terminal/shell-quote.ts'
import { heredoc, type Operation } from './operation.ts'
import type { Database } from './service.ts'

/**
 * The database in utf8mb3, and a user with all rights on it who may log in from every address of the management
 * network. A login at `address`, as the service does it, checks the password.
 */
export function ensureDatabase({ name, user, password }: Database, address: string): Operation {
  // The password travels in the environment: every user of the node could read it on the command line.
  const login = `MYSQL_PWD=${shellQuote(password)} mariadb -h ${address} -u ${user} -D ${name} -e 'SELECT 1'`
  const facts = [
    `SELECT 'character set', default_character_set_name FROM information_schema.schemata WHERE schema_name = '${name}';`,
    `SHOW GRANTS FOR '${user}'@'%';`,
  ].join('\n')
  return {
    phase: 'databases',
    kind: 'database',
    title: `database ${name} of ${user}`,
    check: `
facts=$(mariadb -N --force 2>/dev/null ${heredoc(facts)}
) || true
[[ $facts == *'character set'* ]] || { echo 'is missing'; return 1; }
[[ $facts == *'character set'$'\\t'utf8mb3* ]] || { echo 'is not utf8mb3'; return 1; }
[[ $facts == *'GRANT ALL PRIVILEGES ON \`${name}\`.* TO '* ]] || { echo '${user} lacks rights'; return 1; }
${login} >/dev/null 2>&1 || { echo '${user} cannot log in with the password of this lab'; return 1; }`,
    apply: `mariadb ${heredoc(statements({ name, user, password }))}`,
    paste: `mariadb -e 'SHOW CREATE DATABASE ${name}'`,
  }
}

function statements({ name, user, password }: Database): string {
  const account = `'${user}'@'%'`
  const secret = password.replaceAll('\\', '\\\\').replaceAll("'", "''")
  return [
    `CREATE DATABASE IF NOT EXISTS \`${name}\` CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci;`,
    `ALTER DATABASE \`${name}\` CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci;`,
    `CREATE USER IF NOT EXISTS ${account};`,
    `ALTER USER ${account} IDENTIFIED BY '${secret}';`,
    `GRANT ALL PRIVILEGES ON \`${name}\`.* TO ${account};`,
  ].join('\n')
}
