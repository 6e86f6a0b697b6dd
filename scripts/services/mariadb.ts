/** The database server on the controller; each service declares its own databases. */

import { ports } from '../declaration/endpoints.ts'
import { controllerOf } from '../declaration/lab.ts'
import type { ServiceDefinition } from '../engine/service.ts'
import { unitDropIn } from './unit-drop-in.ts'

export const mariadb: ServiceDefinition = (lab) => {
  const { address } = controllerOf(lab)
  return {
    name: 'mariadb',
    needs: ['base'],
    parts: [
      {
        on: 'controller',
        packages: ['mariadb-server'],
        files: [
          {
            // Sorted after the package's 50-server.cnf, so that these win.
            path: '/etc/mysql/mariadb.conf.d/99-openstack.cnf',
            content: {
              mysqld: {
                'bind-address': address,
                'default-storage-engine': 'innodb',
                innodb_file_per_table: 'on',
                // Every worker of every service keeps its own connection pool, which exceeds the default of 151.
                max_connections: 4096,
                'character-set-server': 'utf8mb3',
                'collation-server': 'utf8mb3_general_ci',
                // There is no name server in the lab: a reverse lookup would delay every connection from another node.
                'skip-name-resolve': 'on',
                // If the host loses power, a lab may lose the last second; this saves a disk flush per commit.
                innodb_flush_log_at_trx_commit: 2,
                // The default of 96 MB is written out on every node that starts with the image's files.
                innodb_log_file_size: '16M',
              },
            },
          },
          // On a full disk InnoDB stops itself, and cannot start without room for its temporary tables. The packaged
          // unit tries once; with this, the database returns as soon as there is room.
          unitDropIn('mariadb', { Unit: ['StartLimitIntervalSec=0'], Service: ['Restart=on-failure', 'RestartSec=5'] }),
        ],
        units: ['mariadb'],
      },
    ],
    ready: [
      {
        what: 'MariaDB lets root in through its socket and listens on the management address',
        on: 'controller',
        command: `mariadb -N -B -e 'SELECT 1' && ss -ltnH src ${address}:${ports.mariadb} | grep LISTEN`,
      },
    ],
  }
}
