/** Keystone: its keys, the admin's login, the services' logins and roles. */

import { controllerOf } from '../../../declaration/lab.ts'
import { type ServiceName, serviceNames } from '../../../declaration/service-profiles.ts'
import { serviceRoles } from '../../../services/service-credentials.ts'
import { groupBy } from '../group-by.ts'
import { filesWith, python } from '../reads/python.ts'
import { type Answer, type Found, rule, type ShellRead } from '../rule.ts'

const keys: ShellRead = {
  on: 'controller',
  script: () => `
for kind in fernet credential; do
  folder=/etc/keystone/$kind-keys
  readable=$(runuser -u keystone -- sh -c "cat $folder/* >/dev/null && ls $folder | wc -l" 2>&1 | tail -n 1)
  echo "$kind $readable"
done`,
}

export const keystoneKeys = rule({
  symptom: 'Keystone answers 500 to every login',
  cause: 'its Fernet or credential keys are missing, or Keystone cannot read them',
  remedy:
    'give the key directories back to the user keystone, or create new keys; new keys invalidate all tokens, so everyone has to log in again',
  service: 'keystone',
  reads: { keys },
  judge: ({ keys: answers }) =>
    answers.flatMap(({ at, text }) => {
      const wrong = [...text.matchAll(/^(fernet|credential) (.*)$/gm)].filter(([, , seen]) => !(Number(seen) >= 2))
      if (wrong.length === 0) return []
      return [
        {
          about: at,
          evidence: wrong.map(
            ([, kind, seen]) => `${at}: /etc/keystone/${kind}-keys as user keystone: ${seen || 'nothing'}`,
          ),
          next: `./lab ssh ${at} 'ls -lR /etc/keystone/fernet-keys /etc/keystone/credential-keys'`,
          explains: [`api-silent ${at}/keystone`, 'admin-refused', 'credentials-refused', 'metadata-refused'],
        },
      ]
    }),
})

export const adminRefused = rule({
  symptom: '`./lab openstack …` and Terraform fail with 401',
  cause: "the admin's password in Keystone differs from the one in `ansible-vars/secrets.yml`",
  remedy: 'set the password from the file again',
  service: 'keystone',
  reads: {},
  judge: (_, { lab, cloudSilent }) =>
    / 401 |: 401\b/.test(cloudSilent ?? '')
      ? [
          {
            about: controllerOf(lab).name,
            evidence: [cloudSilent!],
            next: 'npx tsx scripts/provision.ts keystone',
            fix: { service: 'keystone' },
          },
        ]
      : [],
})

const logins: ShellRead = {
  on: 'all',
  script: python('credentials', filesWith('auth_url', 'username', 'password', 'project_name')),
}

interface Login {
  at: string
  status: number
  file: string
  sections: string
  user: string
  roles: string[]
}

function parseLogins(answers: readonly Answer[]): Login[] {
  return answers.flatMap(({ at, text }) =>
    [...text.matchAll(/^(\d+) (\/\S+) (\S+) (\S+) (\S+)$/gm)].map(
      ([, status, file = '', sections = '', user = '', roles = '']) => ({
        at,
        status: Number(status),
        file,
        sections,
        user,
        roles: roles.split(','),
      }),
    ),
  )
}

/** `/etc/nova/nova.conf` is Nova's. */
const projectOf = (file: string) => file.split('/')[2] as ServiceName
const isService = (name: string): name is ServiceName => serviceNames.some((one) => one === name)

export const credentialsRefused = rule({
  symptom: 'a service accepts no token and logs 401, or the other services reject it',
  cause: "its user in Keystone is disabled or missing, or has a different password from the one in the service's file",
  remedy: 'apply the service again, which restores the user and the file',
  service: 'keystone',
  reads: { logins },
  judge: ({ logins: answers }) => {
    const all = parseLogins(answers)
    const refused = all.filter(({ status }) => status === 401 || status === 403)
    // Where the same user gets in from another file, it is a file that is wrong; else it is the user.
    const isIn = (user: string) => all.some((one) => one.user === user && one.status === 201)
    return groupBy(refused, ({ at, user, file }) => (isIn(user) ? `${at}/${projectOf(file)}` : user)).map(
      ([about, logins]): Found => {
        const { user, file } = logins[0]!
        const service = isIn(user) || !isService(user) ? projectOf(file) : user
        return {
          about,
          evidence: logins.map(
            (one) => `${one.at}: token for ${one.user}, ${one.file} [${one.sections}]: ${one.status}`,
          ),
          next: `npx tsx scripts/provision.ts ${service}`,
          fix: { service },
          explains: withoutUser[user] ?? [],
        }
      },
    )
  },
})

/** What each service cannot do without a token. */
const withoutUser: Readonly<Record<string, readonly string[]>> = {
  nova: ['compute-down', 'no-room', 'metadata-refused'],
  placement: ['compute-down', 'no-room'],
  neutron: ['agent-dead', 'metadata-refused'],
  cinder: ['volume-driver'],
}

export const serviceRoleMissing = rule({
  symptom: 'a volume stays `in-use` after its server was deleted; services are rejected with 403',
  cause: `a service user lacks one of its roles in project service (${serviceRoles.join(', ')}); Cinder detaches a volume only for a token with the role service`,
  remedy: 'assign the roles again',
  service: 'keystone',
  reads: { logins },
  judge: ({ logins: answers }) => {
    const lacking = parseLogins(answers)
      .filter(({ status }) => status === 201)
      .map((login) => ({ ...login, missing: serviceRoles.filter((role) => !login.roles.includes(role)) }))
      .filter(({ missing }) => missing.length > 0)
    return [...new Set(lacking.map(({ user }) => user))].map((user) => {
      const { missing, roles } = lacking.find((one) => one.user === user)!
      return {
        about: user,
        evidence: [`token of ${user}: roles ${roles.join(', ')}; missing: ${missing.join(', ')}`],
        next: `npx tsx scripts/provision.ts ${user}`,
        ...(isService(user) ? { fix: { service: user } } : {}),
      }
    })
  },
})
