/** MariaDB, as each service meets it with the URL from its own file. */

import { controllerOf, type Lab } from '../../../declaration/lab.ts'
import { profileOf, type ServiceName } from '../../../declaration/service-profiles.ts'
import { sectionsWith } from '../../../services/config-sections.ts'
import { python } from '../reads/python.ts'
import { type Answer, rule, type ShellRead } from '../rule.ts'

const places = (lab: Lab) => sectionsWith(lab, 'connection').map(({ path, section }) => `${path}:${section}`)
const databases: ShellRead = { on: 'controller', script: python('database', places) }

interface Login {
  at: string
  code: number
  file: string
  section: string
  user: string
  detail: string
}

function parseLogins(answers: readonly Answer[]): Login[] {
  return answers.flatMap(({ at, text }) =>
    [...text.matchAll(/^(\d+) (\/\S+) (\S+) (\S+) (.*)$/gm)].map(
      ([, code, file = '', section = '', user = '', detail = '']) => ({
        at,
        code: Number(code),
        file,
        section,
        user,
        detail,
      }),
    ),
  )
}

/** MariaDB's own numbers. */
const codes = { tooMany: 1040, accessDenied: [1044, 1045, 1049], unreachable: [2002, 2003, 2006, 2013] } as const

const evidenceOf = ({ at, file, section, user, detail }: Login) =>
  `${at}: login as ${user}, ${file} [${section}]: ${detail}`
const serviceOf = ({ file }: Login) => file.split('/')[2] as ServiceName

const unitOf = (service: ServiceName) => profileOf(service).apis?.[0]?.unit ?? service

/** Without a database no API answers and no service reports itself. */
const consequences = [
  'api-silent',
  'admin-refused',
  'agent-dead',
  'compute-down',
  'credentials-refused',
  'volume-driver',
  'metadata-refused',
]

export const databaseDown = rule({
  symptom: 'every API answers 500 or does not answer',
  cause: 'MariaDB is not running, or does not listen on the management address',
  remedy: 'start it; the services reconnect by themselves',
  service: 'mariadb',
  reads: { databases },
  judge: ({ databases: answers }, { lab }) => {
    const down = parseLogins(answers).filter(({ code }) => codes.unreachable.some((one) => one === code))
    const { name } = controllerOf(lab)
    if (down.length === 0) return []
    return [
      {
        about: name,
        evidence: [evidenceOf(down[0]!)],
        next: `./lab ssh ${name} 'systemctl status mariadb; journalctl -u mariadb -n 30 --no-pager'`,
        fix: { node: name, script: 'systemctl start mariadb' },
        explains: [`unit-down ${name}/mariadb`, ...consequences],
      },
    ]
  },
})

export const databaseFull = rule({
  symptom: '`Too many connections`: requests fail at random when the lab is busy',
  cause: "MariaDB's max_connections is lower than what the services' connection pools need together",
  remedy: 'set it back to 4096',
  service: 'mariadb',
  reads: { databases },
  judge: ({ databases: answers }, { lab }) => {
    const refused = parseLogins(answers).filter(({ code }) => code === codes.tooMany)
    const { name } = controllerOf(lab)
    if (refused.length === 0) return []
    return [
      {
        about: name,
        evidence: [evidenceOf(refused[0]!)],
        next: `./lab ssh ${name} "mariadb -e \\"SHOW STATUS LIKE 'Threads_connected'; SHOW VARIABLES LIKE 'max_connections'\\""`,
        // MariaDB keeps one connection free for root; where even that is taken, a restart reads the declared limit.
        fix: { node: name, script: 'mariadb -e "SET GLOBAL max_connections = 4096" || systemctl restart mariadb' },
        explains: consequences,
      },
    ]
  },
})

export const databaseRefuses = rule({
  symptom: 'one service answers 500 to every request',
  cause:
    "its database user is missing, lacks permissions, or has a different password from the one in the service's file",
  remedy: 'apply the service again, which restores the database, its user and the file',
  service: 'mariadb',
  reads: { databases },
  judge: ({ databases: answers }, { lab }) =>
    parseLogins(answers)
      .filter(({ code }) => codes.accessDenied.some((one) => one === code))
      .map((login) => {
        const service = serviceOf(login)
        const { name } = controllerOf(lab)
        return {
          about: `${service}/${login.section}`,
          evidence: [evidenceOf(login)],
          next: `npx tsx scripts/provision.ts ${service}`,
          fix: { service },
          explains: [
            `api-silent ${name}/${unitOf(service)}`,
            ...(service === 'keystone' ? consequences : []),
            ...(service === 'neutron' ? ['agent-dead'] : []),
            ...(service === 'nova' ? ['compute-down', 'metadata-refused'] : []),
          ],
        }
      }),
})
