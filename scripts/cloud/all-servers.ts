/** The instances of all projects, with Nova's reason for those that failed. */

import type { CloudClient } from './client.ts'

interface Listed {
  id: string
  status: string
  fault?: { message: string }
}

/** Of so many the reason is asked for one by one. */
const askedFor = 20

/** The list passes over the reasons of those that were never scheduled, which are in a database (cell) of their own. */
export async function readAllServers<T extends Listed>(cloud: CloudClient): Promise<T[]> {
  const { servers } = await cloud.get<{ servers: T[] }>('compute', '/servers/detail?all_tenants=1')
  const silent = servers.filter(({ status, fault }) => status === 'ERROR' && !fault).slice(0, askedFor)
  const whole = await Promise.all(
    silent.map(({ id }) => cloud.get<{ server: T } | undefined>('compute', `/servers/${id}`, { allow: [404] })),
  )
  const byId = new Map(whole.flatMap((one) => (one ? [[one.server.id, one.server] as const] : [])))
  return servers.map((server) => byId.get(server.id) ?? server)
}
