/** The metadata service on its way from an instance to Nova. */

import { lookAtUnit } from '../../../cloud/where-to-look.ts'
import { python } from '../reads/python.ts'
import { rule, type ShellRead } from '../rule.ts'

const metadata: ShellRead = { on: 'controller', script: python('metadata') }

const wordAfter = (text: string, word: string) => new RegExp(`^${word} (\\S+)`, 'm').exec(text)?.[1] ?? ''

const request = (status: string) =>
  `a request signed with the secret of metadata_agent.ini: ${status === '0' ? 'no answer' : status || 'not tried, there is no instance'}`

export const metadataProxyOff = rule({
  symptom: 'cloud-init finds no metadata: 404 for every path',
  cause:
    "Nova does not trust Neutron's information about the requesting instance: `[neutron] service_metadata_proxy` is not true in the nova.conf that its metadata API reads",
  remedy: 'set it, and restart nova-api-metadata',
  service: 'neutron',
  reads: { metadata },
  judge: ({ metadata: seen }) =>
    seen
      .filter(({ text }) => /^proxy /m.test(text) && !/^(true|1|yes|on)$/i.test(wordAfter(text, 'proxy')))
      .map(({ at, text }) => ({
        about: at,
        evidence: [
          `${at}: /etc/nova/nova.conf: [neutron] service_metadata_proxy = ${wordAfter(text, 'proxy')}`,
          `${at}: ${request(wordAfter(text, 'answer'))}`,
        ],
        next: 'npx tsx scripts/provision.ts nova',
        fix: { service: 'nova' as const },
        explains: ['metadata-refused'],
      })),
})

export const metadataRefused = rule({
  symptom: 'cloud-init finds no metadata: 403, 400 or 500',
  cause: "Neutron's metadata agent signs requests with a different secret from the one that Nova checks",
  remedy: 'apply neutron and nova again: both files get the same secret, and both services are restarted',
  service: 'neutron',
  reads: { metadata },
  judge: ({ metadata: seen }) =>
    seen.flatMap(({ at, text }) => {
      const [status, same] = [wordAfter(text, 'answer'), wordAfter(text, 'same')]
      // No answer at all is its API's own finding; 404 is an instance that went away just now.
      if (same === 'yes' && ['', '0', '200', '404'].includes(status)) return []
      if (same === '') return []
      return [
        {
          about: at,
          evidence: [
            `${at}: the secrets of nova.conf and metadata_agent.ini ${same === 'yes' ? 'are the same' : 'differ'}`,
            `${at}: ${request(status)}`,
          ],
          next:
            same === 'yes'
              ? lookAtUnit(at, 'nova-api-metadata', '/var/log/nova/nova-api-metadata.log')
              : 'npx tsx scripts/provision.ts neutron; npx tsx scripts/provision.ts nova',
          fix:
            same === 'yes'
              ? { node: at, script: 'systemctl restart nova-api-metadata neutron-metadata-agent' }
              : { service: 'neutron' as const },
        },
      ]
    }),
})

const isolated: ShellRead = {
  on: 'controller',
  script: () => `
echo "setting $(sed -nE 's/^enable_isolated_metadata *= *//p' /etc/neutron/dhcp_agent.ini | tail -n 1)"`,
}

export const isolatedMetadataOff = rule({
  symptom: 'instances on a provider network have no metadata at all: no route to 169.254.169.254',
  cause: 'no router provides it, and the DHCP agent does not either: `enable_isolated_metadata` is not true',
  remedy: 'set it, and restart the DHCP agent; instances get the route with their next lease',
  service: 'neutron',
  reads: { isolated },
  judge: ({ isolated: seen }) =>
    seen
      .filter(({ text }) => !/^(true|1|yes|on)$/i.test(wordAfter(text, 'setting')))
      .map(({ at, text }) => ({
        about: at,
        evidence: [
          `${at}: /etc/neutron/dhcp_agent.ini: enable_isolated_metadata = ${wordAfter(text, 'setting') || '(not set)'}`,
        ],
        next: 'npx tsx scripts/provision.ts neutron',
        fix: { service: 'neutron' as const },
      })),
})
