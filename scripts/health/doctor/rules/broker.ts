/** The message broker, as each service on each node meets it: reachable, letting it in, letting it publish. */

import { controllerOf } from '../../../declaration/lab.ts'
import { profileOf, type ServiceName, serviceNames } from '../../../declaration/service-profiles.ts'
import { groupBy } from '../group-by.ts'
import { filesWith, python } from '../reads/python.ts'
import { type Answer, rule, type ShellRead } from '../rule.ts'

const broker: ShellRead = { on: 'all', script: python('broker', filesWith('transport_url')) }

interface Login {
  at: string
  word: string
  files: string[]
  detail: string
}

function parseLogins(answers: readonly Answer[]): Login[] {
  return answers.flatMap(({ at, text }) =>
    [...text.matchAll(/^(ok|refused|unreachable|dropped|blocked|failed) (\S+) (.*)$/gm)].map(
      ([, word = '', files = '', detail = '']) => ({
        at,
        word,
        files: files.split(','),
        detail,
      }),
    ),
  )
}

const evidenceOf = ({ at, files, detail }: Login) => `${at}: AMQP login as in ${files.join(', ')}: ${detail}`

/** What needs the broker to say anything. */
const consequences = ['agent-dead', 'volume-driver', 'compute-down']

/** APIs that ask their daemons by the broker, and answer nobody while they wait for it. */
const waitingApis = (node: string) =>
  serviceNames
    .filter((service) => profileOf(service).daemons)
    .flatMap((service) => profileOf(service).apis ?? [])
    .map(({ unit }) => `api-silent ${node}/${unit}`)

export const brokerDown = rule({
  symptom: 'requests are accepted, but nothing happens; every log says AMQP `ECONNREFUSED`',
  cause: 'RabbitMQ is not running on the controller',
  remedy: 'start it; the services reconnect by themselves',
  service: 'rabbitmq',
  reads: { broker },
  judge: ({ broker: answers }, { lab }) => {
    const logins = parseLogins(answers)
    const { name } = controllerOf(lab)
    const own = logins.find(({ at }) => at === name)
    if (own?.word !== 'unreachable') return []
    return [
      {
        about: name,
        evidence: logins.filter(({ word }) => word === 'unreachable').map(evidenceOf),
        next: `./lab ssh ${name} 'systemctl status rabbitmq-server; tail -n 30 /var/log/rabbitmq/rabbit@${name}.log'`,
        fix: { node: name, script: 'systemctl start rabbitmq-server' },
        explains: [`unit-down ${name}/rabbitmq-server`, 'broker-unreachable', ...waitingApis(name), ...consequences],
      },
    ]
  },
})

export const brokerBroken = rule({
  symptom:
    "requests are accepted, but nothing happens; every log says AMQP `Connection reset by peer`, although RabbitMQ's unit is active",
  cause:
    'RabbitMQ accepts connections and drops them: its database (Mnesia) stopped when it could not be written, for example on a full disk, and does not recover by itself',
  remedy: 'make sure that there is free disk space, then restart it; users and permissions are stored on disk',
  service: 'rabbitmq',
  reads: { broker },
  judge: ({ broker: answers }, { lab }) => {
    const logins = parseLogins(answers)
    const { name } = controllerOf(lab)
    if (logins.find(({ at }) => at === name)?.word !== 'dropped') return []
    return [
      {
        about: name,
        evidence: logins.filter(({ word }) => word === 'dropped').map(evidenceOf),
        next: `./lab ssh ${name} 'df -h /var/lib/rabbitmq; systemctl restart rabbitmq-server'`,
        fix: { node: name, script: 'systemctl restart rabbitmq-server' },
        // Whoever waits for an answer by the broker answers nobody meanwhile.
        explains: ['broker-unreachable', 'api-silent', ...consequences],
      },
    ]
  },
})

export const brokerUnreachable = rule({
  symptom: 'one node gets no work: its agents are dead and its nova-compute is down, although they are running',
  cause:
    'this node cannot reach RabbitMQ on the controller, because of a firewall rule, a wrong address in its configuration, or its network',
  remedy: 'remove the rule, or apply the service again to restore its configuration',
  service: 'rabbitmq',
  reads: { broker },
  judge: ({ broker: answers }) =>
    parseLogins(answers)
      .filter(({ word }) => ['unreachable', 'dropped', 'failed'].includes(word))
      .map((login) => ({
        about: login.at,
        evidence: [evidenceOf(login)],
        next: `./lab ssh ${login.at} 'iptables -S OUTPUT; grep -o @.*5672 ${login.files.join(' ')}'`,
        explains: consequences,
      })),
})

const serviceOfFile = (file: string) => file.split('/')[2] as ServiceName

export const brokerRefuses = rule({
  symptom: "`ACCESS_REFUSED` in the services' logs",
  cause: "RabbitMQ's user is missing, or its password differs from the one in the services' files",
  remedy: 'set the password from `ansible-vars/secrets.yml` in RabbitMQ or in the file, whichever differs',
  service: 'rabbitmq',
  reads: { broker },
  judge: ({ broker: answers }, { lab }) => {
    const logins = parseLogins(answers)
    const refused = logins.filter(({ word }) => word === 'refused')
    // Where nobody is let in it is the broker's user; where others are, it is the password in a file.
    const everywhere = logins.every(({ word }) => word !== 'ok')
    const controller = controllerOf(lab).name
    const placeOf = ({ at, files }: Login) => (everywhere ? controller : `${at}/${serviceOfFile(files[0]!)}`)
    return groupBy(refused, placeOf).map(([about, list]) => {
      const service = everywhere ? ('rabbitmq' as const) : serviceOfFile(list[0]!.files[0]!)
      return {
        about,
        cause: everywhere
          ? "RabbitMQ's user is missing, has another password, or lacks permissions"
          : `the password in ${list[0]!.files.join(', ')} differs from RabbitMQ's`,
        evidence: list.map(evidenceOf),
        next: `${everywhere ? `./lab ssh ${controller} rabbitmqctl list_permissions; ` : ''}npx tsx scripts/provision.ts ${service}`,
        fix: { service },
        explains: consequences,
      }
    })
  },
})

export const brokerBlocked = rule({
  symptom: 'services hang at the same time: every process that publishes a message waits forever',
  cause: 'RabbitMQ has raised an alarm for lack of memory or disk space, and blocks publishers until it clears',
  remedy: 'free memory or disk on the controller, or lower the limit that was set',
  service: 'rabbitmq',
  reads: { broker },
  judge: ({ broker: answers }, { lab }) => {
    const blocked = parseLogins(answers).filter(({ word }) => word === 'blocked')
    const { name } = controllerOf(lab)
    if (blocked.length === 0) return []
    return [
      {
        about: name,
        evidence: blocked.map(evidenceOf),
        next: `./lab ssh ${name} 'rabbitmq-diagnostics alarms; df -h /var/lib/rabbitmq'`,
        explains: consequences,
      },
    ]
  },
})
