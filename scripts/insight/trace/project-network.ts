/** A network behind a router: which one it is, and whether an instance on it has got its metadata through the router. */

import type { CloudClient } from '../../cloud/client.ts'
import { LabError } from '../../declaration/errors.ts'
import { controllerOf, type Lab } from '../../declaration/lab.ts'
import { flatNetwork } from '../../declaration/provider-network.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { poll } from '../../run/wait-for.ts'
import { shellQuote } from '../../terminal/shell-quote.ts'

export interface ChosenNetwork {
  id: string
  /** Absent for a network that no router leads to. */
  router?: string
}

interface Named {
  id: string
  name: string
}

/** By name or id. Throws LabError with the existing names. */
export async function findNetwork(cloud: CloudClient, wanted = flatNetwork): Promise<ChosenNetwork> {
  const { networks } = await cloud.get<{ networks: Named[] }>('network', '/v2.0/networks')
  const found = networks.find(({ id, name }) => [id, name].includes(wanted))
  if (!found) {
    throw new LabError([
      {
        where: './lab trace --network',
        given: `no network ${JSON.stringify(wanted)} in Neutron`,
        allowed: networks.map(({ name }) => name).join(', ') || 'there is no network',
        remedy: './lab openstack network list',
      },
    ])
  }
  const owner = 'network:router_interface'
  const path = `/v2.0/ports?network_id=${found.id}&device_owner=${owner}`
  const { ports } = await cloud.get<{ ports: { device_id: string }[] }>('network', path)
  const router = ports[0]?.device_id
  return { id: found.id, ...(router ? { router } : {}) }
}

/** How the proxy in a router's namespace signs its lines in the journal. */
export const proxyTag = (router: string) => `haproxy-metadata-proxy-${router}`

/** Until its first request for metadata, or the timeout: an instance without an answer is a result too. */
export async function waitForMetadata(lab: Lab, router: string, address: string, sinceMs: number): Promise<void> {
  const script = `journalctl -t ${shellQuote(proxyTag(router))} --since=@${Math.floor(sinceMs / 1000)} -o cat -q | grep -cF ${shellQuote(`${address}:`)} || true`
  const host = sshHost(lab, controllerOf(lab))
  const options = { step: 'look for a request for metadata', timeoutSeconds: scaled(lab, timeouts.nodes.answer) }
  const polling = { timeoutSeconds: timeouts.verify.ping.seconds, stoppable: true }
  await poll(
    lab,
    polling,
    () => host.run(script, options),
    (count) => Number(count) > 0,
  )
}
