/** Checks of the DNS servers against what nobody reaches from the lab's networks. */

import { overlap, parseSubnet } from './addresses.ts'
import type { Checked } from './check.ts'
import type { Finding } from './errors.ts'

/** Ranges that no instance and no node ever reaches through this machine, whatever is allowed: this machine and link-local. */
export const neverReachable = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3']

const networks = ['lab_management_network', 'lab_provider_network', 'lab_vlan_network']

/** A server that is not reachable would make every lookup wait for its timeout. */
export function checkNameServers(all: Checked<unknown>): Finding[] {
  const servers = all.field<readonly string[]>('lab_dns')
  if (!servers) return []
  const hosts = networks.flatMap((network) => all.field<string>(network, 'host_address') ?? [])
  const own = hosts.filter(({ value }) => servers.value.includes(value))
  const denied = [
    ...neverReachable,
    ...(all.field<string>('lab_management_network', 'cidr')?.value.split(' ') ?? []),
    ...(all.field<readonly string[]>('lab_outbound_deny')?.value ?? []),
  ]
  return [
    ...own.map(({ given }) => ({
      where: servers.where,
      given: `lab_dns: ${given.replace(/.*: /, '')}, which is this machine`,
      allowed: 'other servers; or no lab_dns: with lab_outbound this machine then passes questions on',
    })),
    ...servers.value
      .filter((server) => !own.some(({ value }) => value === server))
      .flatMap((server) => {
        const range = denied.find((one) => overlap(parseSubnet(one)!, parseSubnet(`${server}/32`)!))
        return range
          ? [
              {
                where: servers.where,
                given: `lab_dns: ${server}`,
                allowed: `an address outside ${range}, which instances do not reach`,
              },
            ]
          : []
      }),
  ]
}
