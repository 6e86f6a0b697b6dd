/** Keystone's catalog: each service once, with its three endpoints at their declared address. */

import { authUrlOf } from '../../../cloud/client.ts'
import { loadSecrets } from '../../../declaration/secrets.ts'
import type { ServiceName } from '../../../declaration/service-profiles.ts'
import { type EntryKey, endpointInterfaces, ownEntries } from '../../../engine/catalog.ts'
import type { CatalogService, Endpoint } from '../../../engine/listing.ts'
import { enabledServices, serviceOf } from '../../../services/index.ts'
import { registeredOf } from '../../../services/registered.ts'
import { missingInterfaces } from '../../checks/endpoints.ts'
import { type CloudRead, type Found, rule } from '../rule.ts'

interface Catalog {
  wanted: (EntryKey & { service: ServiceName; url: string })[]
  services: CatalogService[]
  endpoints: Endpoint[]
  region: string
}

/** By Keystone's own address, not the catalog's, which may be what is wrong. */
const catalog: CloudRead<Catalog> = {
  async ask(cloud, lab) {
    const secrets = loadSecrets(lab.root)
    const base = authUrlOf(lab)
    const [{ services }, { endpoints }] = await Promise.all([
      cloud.get<{ services: CatalogService[] }>('identity', `${base}/services`),
      cloud.get<{ endpoints: Endpoint[] }>('identity', `${base}/endpoints`),
    ])
    const wanted = enabledServices(lab).flatMap((service) =>
      registeredOf(serviceOf(lab, secrets, service), lab).entries.map((entry) => ({ service, ...entry })),
    )
    return { wanted, services, endpoints, region: lab.region }
  },
}

/** Each wanted entry with its endpoints in this region, by interface. */
function findEntries({ wanted, services, endpoints, region }: Catalog, deployed: ReadonlySet<ServiceName>) {
  return wanted
    .filter(({ service }) => deployed.has(service))
    .map((entry) => {
      const ids = ownEntries(entry, services).map(({ id }) => id)
      const own = endpoints.filter(({ service_id }) => ids.includes(service_id))
      const isHere = ({ region_id }: Endpoint) => region_id === region
      const others = services.filter(
        ({ id, type }) =>
          type === entry.type && !ids.includes(id) && endpoints.some((one) => one.service_id === id && isHere(one)),
      )
      return { ...entry, ids, own, others, here: own.filter(isHere) }
    })
}

const repairCatalog = (service: ServiceName, evidence: readonly string[]): Found => ({
  about: service,
  evidence,
  next: `npx tsx scripts/provision.ts ${service}`,
  fix: { service },
})

export const endpointMissing = rule({
  symptom: '`public endpoint for … not found`, or clients do not know a service',
  cause: "the catalog has no entry for it, or lacks one of its three endpoints in the lab's region",
  remedy: 'register it again',
  service: 'keystone',
  reads: { catalog },
  judge: ({ catalog: seen }, { deployed }) =>
    findEntries(seen, deployed).flatMap(({ service, type, ids, own, here }) => {
      const missing = missingInterfaces(here)
      if (missing.length === 0) return []
      const elsewhere = own
        .filter((one) => !here.includes(one))
        .map(({ interface: name, region_id }) => `${name} in ${region_id}`)
      const line = ids.length
        ? `endpoints of type ${type} in ${seen.region}: no ${missing.join(', ')}`
        : `no service of type ${type}`
      return [repairCatalog(service, [elsewhere.length ? `${line}; but ${elsewhere.join(', ')}` : line])]
    }),
})

export const endpointDouble = rule({
  symptom: 'clients use different addresses for the same service, or report `Multiple … matches found`',
  cause: 'a service or an endpoint was registered twice, which Keystone allows',
  remedy:
    "remove the duplicates; a service with a name that the lab does not use may be a user's own and is only reported",
  service: 'keystone',
  reads: { catalog },
  judge: ({ catalog: seen }, { deployed }) =>
    findEntries(seen, deployed).flatMap(({ service, type, ids, others, here }) => {
      // Perhaps somebody's own: the lab takes nothing away from a person.
      const strangers = others.map(
        ({ id, name }): Found => ({
          about: `${service}/${id}`,
          evidence: [`service ${name} has type ${type}, as ${service} has, and endpoints in ${seen.region}`],
          next: `./lab openstack service delete ${id}`,
        }),
      )
      const doubles = endpointInterfaces.filter((name) => here.filter((one) => one.interface === name).length > 1)
      const lines = [
        ...(ids.length > 1 ? [`${ids.length} services of type ${type}`] : []),
        ...doubles.map(
          (name) =>
            `${name} endpoints of type ${type}: ${here
              .filter((one) => one.interface === name)
              .map(({ url }) => url)
              .join(' and ')}`,
        ),
      ]
      return [...(lines.length ? [repairCatalog(service, lines)] : []), ...strangers]
    }),
})

export const endpointWrong = rule({
  symptom: 'clients time out or reach something else, although the service itself is healthy',
  cause: 'its endpoint in the catalog has a different address from the one that it listens on',
  remedy: 'set the right address again',
  service: 'keystone',
  reads: { catalog },
  judge: ({ catalog: seen }, { deployed }) =>
    findEntries(seen, deployed).flatMap(({ service, url, here }) => {
      const wrong = here.filter(
        (one) => one.url !== url && here.filter((other) => other.interface === one.interface).length === 1,
      )
      return wrong.length
        ? [
            repairCatalog(
              service,
              wrong.map((one) => `${one.interface} endpoint: ${one.url}; wanted: ${url}`),
            ),
          ]
        : []
    }),
})
