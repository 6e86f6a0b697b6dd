/** The APIs: whether each answers over HTTP, and how many threads serve it. */

import { lookAtUnit } from '../../../cloud/where-to-look.ts'
import { controllerOf } from '../../../declaration/lab.ts'
import { profileOf, serviceNames } from '../../../declaration/service-profiles.ts'
import { scaled, timeouts } from '../../../run/timeouts.ts'
import { rule, type ShellRead } from '../rule.ts'

const apis = serviceNames.flatMap((service) =>
  (profileOf(service).apis ?? []).map((api) => ({ service, ...api, port: profileOf(service).ports?.[api.listener] })),
)

/** By bash alone: this machine may lack curl. */
const answers: ShellRead = {
  on: 'host',
  script: (lab) => {
    const { address } = controllerOf(lab)
    const seconds = scaled(lab, timeouts.cloud.doctorRequest)
    const asks = apis
      .filter(({ service }) => lab.services[service])
      .map(
        ({ unit, port, path }) =>
          `{ echo "api ${unit} $(timeout ${seconds} bash -c 'exec 3<>/dev/tcp/${address}/${port} && printf "GET ${path} HTTP/1.0\\r\\nHost: ${address}\\r\\n\\r\\n" >&3 && head -n 1 <&3' 2>&1 | head -n 1 | tr -d '\\r')"; } &`,
      )
    return `${asks.join('\n')}\nwait`
  },
}

export const apiSilent = rule({
  symptom: 'an API does not answer, although its service is running',
  cause: 'something blocks its port, or its processes hang',
  remedy: 'look at its log; if it hangs, restart it',
  reads: { answers },
  judge: ({ answers: [answer] }, { lab, deployed }) => {
    if (!answer) return []
    const { name, address } = controllerOf(lab)
    return apis
      .filter(({ service }) => lab.services[service] && deployed.has(service))
      .flatMap(({ port, unit, path }) => {
        const line = new RegExp(`^api ${unit} (.*)$`, 'm').exec(answer.text)?.[1]?.trim() ?? ''
        const status = Number(/^HTTP\/\S+ (\d+)/.exec(line)?.[1] ?? 0)
        if (status > 0 && status < 500) return []
        return [
          {
            about: `${name}/${unit}`,
            evidence: [`GET http://${address}:${port}${path}: ${line || 'no answer'}`],
            next: `${lookAtUnit(name, unit)}; ./lab ssh ${name} iptables -S INPUT`,
            fix: { node: name, script: `systemctl restart ${unit}` },
          },
        ]
      })
  },
})

const inis = { keystone: '/etc/keystone/keystone-uwsgi.ini', neutron: '/etc/neutron/neutron-api-uwsgi.ini' } as const
const threads: ShellRead = {
  on: 'controller',
  script: () =>
    `for file in ${Object.values(inis).join(' ')}; do echo "$file $(sed -nE 's/^threads *= *//p' $file | tail -n 1)"; done`,
}

export const uwsgiThreads = rule({
  symptom:
    'instances stay in BUILD forever, or Keystone mixes up the answers of two requests (`greenlet.error: cannot switch to a different thread`)',
  cause: 'the API runs with more than one thread per uWSGI process, which eventlet does not support',
  remedy: 'set threads = 1 and use processes instead (`lab_api_workers`)',
  reads: { threads },
  judge: ({ threads: seen }, { deployed }) =>
    seen.flatMap(({ at, text }) =>
      (['keystone', 'neutron'] as const).flatMap((service) => {
        const count = new RegExp(`^${inis[service]} (\\d+)$`, 'm').exec(text)?.[1]
        if (!deployed.has(service) || count === undefined || Number(count) <= 1) return []
        return [
          {
            about: service,
            evidence: [`${at}: ${inis[service]}: threads = ${count}`],
            next: `grep -n uwsgi ansible-vars/group_vars/all.yml; npx tsx scripts/provision.ts ${service}`,
            fix: { service },
          },
        ]
      }),
    ),
})
