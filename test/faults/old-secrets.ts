/** Whether anything on the nodes still contains or accepts a secret that was replaced. */

import type { Copy } from '../harness/copy.ts'
import { grepProcesses, grepThere, onNodeUnseen, type Secrets, searchNode, servicePlaces } from './search.ts'

/** Files and environments that contain one of them, each with its node. Table data and journals do not count. */
export async function findOldSecrets(copy: Copy, nodes: readonly string[], old: Secrets): Promise<string[]> {
  const script = `${grepThere(`${servicePlaces} /var/log /root /home`)}\n${grepProcesses}`
  const found: string[] = []
  for (const node of nodes) {
    const lines = await searchNode(copy, node, Object.values(old), script)
    found.push(...lines.map((line) => `${node}: ${line}`))
  }
  return found
}

/** Logins that use a secret: databases, broker, Keystone. */
export async function findOpenLogins(copy: Copy, secrets: Secrets): Promise<string[]> {
  const databases = Object.entries(secrets).filter(([name]) => name.endsWith('_database_password'))
  const users = ['admin', 'demo', 'glance', 'placement', 'nova', 'neutron', 'cinder']
  const lines = [
    ...databases.map(([name, value]) => {
      const user = name.replace('_database_password', '')
      return `MYSQL_PWD=${value} mariadb -h 10.0.0.11 -u ${user} -e 'SELECT 1' >/dev/null 2>&1 && echo 'database ${user}'`
    }),
    `rabbitmqctl -q authenticate_user openstack <<'P' >/dev/null 2>&1 && echo broker\n${secrets['rabbitmq_password']}\nP`,
    ...users.map((user) => {
      const request = {
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name: user, domain: { id: 'default' }, password: secrets[`${user}_password`] } },
          },
        },
      }
      return `curl -sf -o /dev/null -H 'Content-Type: application/json' -d @- http://10.0.0.11:5000/v3/auth/tokens <<'P' && echo 'keystone ${user}'\n${JSON.stringify(request)}\nP`
    }),
  ]
  const printed = await onNodeUnseen(copy, 'controller', `${lines.join('\n')}\ntrue`)
  return printed.split('\n').filter(Boolean)
}
