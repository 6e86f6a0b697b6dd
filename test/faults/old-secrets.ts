/** Whether anything on the nodes still has, or still takes, a secret that was replaced. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { parse } from 'yaml'
import { type Copy, userEnvironment } from '../e2e/copy.ts'

export type OldSecrets = Record<string, string>

export const readSecrets = async (copy: Copy): Promise<OldSecrets> =>
  parse(await readFile(join(copy.root, 'ansible-vars/secrets.yml'), 'utf8'))

/** The script over stdin: its text, and so the secrets, stand in no argv. */
export async function onNodeUnseen(
  copy: Copy,
  node: string,
  script: string,
): Promise<{ stdout: string; exitCode: number }> {
  const env = userEnvironment(copy.root)
  const settings = { cwd: copy.root, env, extendEnv: false, reject: false, input: script } as const
  const { stdout, stderr, exitCode } = await execa('./lab', ['ssh', node, 'bash -s'], settings)
  if (stderr) console.error(stderr)
  return { stdout, exitCode: exitCode ?? 1 }
}

const heredoc = (secrets: OldSecrets) => `<<'OLD'\n${Object.values(secrets).join('\n')}\nOLD`

/** Files and environments in which one of them stands, each with its node. Bodies of tables and journals are no files of a service. */
export async function findOldSecrets(copy: Copy, nodes: readonly string[], old: OldSecrets): Promise<string[]> {
  const script = `cat >/run/old-secrets ${heredoc(old)}
chmod 600 /run/old-secrets
grep -rlIF -f /run/old-secrets /etc /var/lib/nova /var/lib/neutron /var/lib/glance /var/lib/cinder /var/lib/keystone /var/lib/rabbitmq /var/log /root /home /run --exclude=old-secrets --exclude-dir=images --exclude-dir=instances 2>/dev/null
for process in /proc/[0-9]*; do grep -qaF -f /run/old-secrets "$process/environ" "$process/cmdline" 2>/dev/null && tr '\\0' ' ' <"$process/cmdline"; done
rm /run/old-secrets`
  const found: string[] = []
  for (const node of nodes) {
    const { stdout } = await onNodeUnseen(copy, node, script)
    found.push(
      ...stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => `${node}: ${line}`),
    )
  }
  return found
}

/** Logins that a secret opens: databases, broker, Keystone. */
export async function findOpenLogins(copy: Copy, secrets: OldSecrets): Promise<string[]> {
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
  const { stdout } = await onNodeUnseen(copy, 'controller', `${lines.join('\n')}\ntrue`)
  return stdout.split('\n').filter(Boolean)
}
