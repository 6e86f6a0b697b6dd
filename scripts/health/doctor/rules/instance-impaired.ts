/** Instances whose network was made worse on purpose, and perhaps forgotten. */

import { describeImpaired, endImpaired, parseImpaired, showImpaired } from '../../checks/impaired.ts'
import { nameObject, servers } from '../reads/cloud.ts'
import { rule, type ShellRead } from '../rule.ts'

const impaired: ShellRead = { on: 'compute', script: () => showImpaired }

export const instanceImpaired = rule({
  symptom: 'an instance is slow, answers late, or loses packets',
  cause: '`./lab impair` makes its network worse; this ends by itself after its time',
  remedy: 'end it now with `./lab impair SERVER --off`',
  service: 'neutron',
  reads: { impaired, servers },
  judge: ({ impaired: answers, servers: all }, { own }) =>
    answers.flatMap(({ at, text }) =>
      parseImpaired(text).flatMap((one) =>
        all
          .filter(({ id }) => id === one.server)
          .map((server) => ({
            about: nameObject(server, own),
            ofUser: true,
            evidence: [`${at}: ${describeImpaired(one)}`],
            next: endImpaired(server.id),
            explains: [`instance-silent ${nameObject(server, own)}`],
          })),
      ),
    ),
})
