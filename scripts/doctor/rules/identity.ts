/** Keystone: its keys, the admin's login, the services' logins and roles, and the catalog. */

import { authUrlOf } from '../../cloud/client.ts'
import { controllerOf, type ServiceName, serviceNames } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { type EntryKey, ownEntries } from '../../engine/catalog.ts'
import type { CatalogService, Endpoint } from '../../engine/listing.ts'
import { urlOf } from '../../services/endpoints.ts'
import { enabledServices, serviceOf } from '../../services/index.ts'
import { serviceRoles } from '../../services/service-credentials.ts'
import { groupBy } from '../group-by.ts'
import { python } from '../reads/python.ts'
import { type Answer, type CloudRead, type Found, rule, type ShellRead } from '../rule.ts'

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
  cause: 'its token or credential keys are missing, or Keystone may not read them',
  remedy:
    'give the folders back to Keystone, or make new keys: tokens that are out then end, and everybody logs in again',
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
  symptom: '`./lab openstack …` and Terraform are refused with 401',
  cause: "the admin's password in Keystone is not the one of `ansible-vars/secrets.yml`",
  remedy: 'set the password of the file again',
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

const logins: ShellRead = { on: 'all', script: python('credentials') }

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
  symptom: 'a service accepts no token and logs 401, or is refused by the others',
  cause: "its user in Keystone is disabled, gone, or has another password than the service's file",
  remedy: 'make user and file as declared',
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
  symptom: 'a volume stays `in-use` after its server is gone; services are refused with 403',
  cause: `a service user lacks one of its roles in project service (${serviceRoles.join(', ')}); Cinder detaches only for a token with the role service`,
  remedy: 'give the roles again',
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

interface Catalog {
  wanted: (EntryKey & { service: ServiceName; url: string })[]
  services: CatalogService[]
  endpoints: Endpoint[]
  region: string
}

/** As `keystone-manage bootstrap` makes it. */
const keystoneEntry: EntryKey = { type: 'identity', name: 'keystone', description: '' }

/** By Keystone's own address, not the catalog's, which may be what is wrong. */
const catalog: CloudRead<Catalog> = {
  async ask(cloud, lab) {
    const secrets = loadSecrets(lab.root)
    const base = authUrlOf(lab)
    const [{ services }, { endpoints }] = await Promise.all([
      cloud.get<{ services: CatalogService[] }>('identity', `${base}/services`),
      cloud.get<{ endpoints: Endpoint[] }>('identity', `${base}/endpoints`),
    ])
    const wanted = enabledServices(lab).flatMap((service) => {
      const { identity } = serviceOf(lab, secrets, service)
      return identity ? [{ service, ...identity }] : []
    })
    const own = { ...keystoneEntry, service: 'keystone' as const, url: `${urlOf(lab, 'keystone')}/v3/` }
    return { wanted: [own, ...wanted], services, endpoints, region: lab.region }
  },
}

const interfaces = ['public', 'internal', 'admin']

/** Each wanted entry with its endpoints in this region, by interface. */
function entriesOf({ wanted, services, endpoints, region }: Catalog, deployed: ReadonlySet<ServiceName>) {
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
  symptom: '`public endpoint for … not found`, or a service that clients do not know',
  cause: 'the catalog has no entry for it, or lacks one of its three endpoints in the region of the lab',
  remedy: 'register it again',
  service: 'keystone',
  reads: { catalog },
  judge: ({ catalog: seen }, { deployed }) =>
    entriesOf(seen, deployed).flatMap(({ service, type, ids, own, here }) => {
      const missing = interfaces.filter((name) => !here.some((one) => one.interface === name))
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
  symptom: 'clients use now one address, now another; `Multiple … matches found`',
  cause: 'Keystone allows doubles, and something has registered a service or an endpoint a second time',
  remedy: "remove what is too many; a service of another name than the lab's may be somebody's own, and is only named",
  service: 'keystone',
  reads: { catalog },
  judge: ({ catalog: seen }, { deployed }) =>
    entriesOf(seen, deployed).flatMap(({ service, type, ids, others, here }) => {
      // Perhaps somebody's own: the lab takes nothing away from a person.
      const strangers = others.map(
        ({ id, name }): Found => ({
          about: `${service}/${id}`,
          evidence: [`service ${name} has type ${type}, as ${service} has, and endpoints in ${seen.region}`],
          next: `./lab openstack service delete ${id}`,
        }),
      )
      const doubles = interfaces.filter((name) => here.filter((one) => one.interface === name).length > 1)
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
  symptom: 'clients time out or reach something else, though the service itself is well',
  cause: 'its endpoint in the catalog names another address than the one it listens on',
  remedy: 'set the declared address again',
  service: 'keystone',
  reads: { catalog },
  judge: ({ catalog: seen }, { deployed }) =>
    entriesOf(seen, deployed).flatMap(({ service, url, here }) => {
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
