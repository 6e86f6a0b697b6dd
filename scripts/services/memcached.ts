/** The cache on the controller: validated tokens, and Horizon's sessions. */

import { ports } from '../declaration/endpoints.ts'
import { controllerOf } from '../declaration/lab.ts'
import type { ServiceDefinition } from '../engine/service.ts'

export const memcached: ServiceDefinition = (lab) => {
  const { address } = controllerOf(lab)
  return {
    name: 'memcached',
    needs: ['base'],
    parts: [
      {
        on: 'controller',
        packages: ['memcached'],
        files: [
          {
            path: '/etc/memcached.conf',
            content: [
              '-m 64',
              `-p ${ports.memcached}`,
              `-l ${address}`,
              '-u memcache',
              '-P /run/memcached/memcached.pid',
              '',
            ].join('\n'),
          },
        ],
        units: ['memcached'],
      },
    ],
    ready: [
      {
        what: 'memcached answers on the management address',
        on: 'controller',
        command: `exec 3<>/dev/tcp/${address}/${ports.memcached} && printf 'version\\r\\nquit\\r\\n' >&3 && grep VERSION <&3`,
      },
    ],
  }
}
