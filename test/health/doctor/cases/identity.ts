import { at, type Case } from '../case.ts'

const keys = (fernet: string) => ({ keys: [at('controller', `fernet ${fernet}\ncredential 2`)] })

const row = (status: number, roles: string, file = '/etc/nova/nova.conf', user = 'nova') =>
  `${status} ${file} keystone_authtoken,service_user ${user} ${roles}`
const logins = (controller: string, compute: string) => ({
  logins: [at('controller', controller), at('compute1', compute)],
})
const allIn = logins(row(201, 'admin,service'), row(201, 'admin,service'))

const entry = { id: 's1', type: 'image', name: 'glance', description: 'OpenStack Image' }
const endpoint = (kind: string, changes = {}) => ({
  id: kind,
  service_id: 's1',
  interface: kind,
  region_id: 'RegionOne',
  url: 'http://10.0.0.11:9292',
  ...changes,
})
const three = ['public', 'internal', 'admin'].map((kind) => endpoint(kind))
const catalog = (endpoints: object[], services: object[] = [entry]) => ({
  catalog: {
    wanted: [{ ...entry, service: 'glance', url: 'http://10.0.0.11:9292' }],
    services,
    endpoints,
    region: 'RegionOne',
  },
})

const own = { id: 's2', type: 'image', name: 'mine' }
const mine = (changes: object) => [endpoint('public', { id: 'p2', service_id: 's2', url: 'http://there', ...changes })]

export const identity: readonly Case[] = [
  {
    rule: 'keystone-keys',
    healthy: keys('2'),
    broken: keys("ls: cannot access '/etc/keystone/fernet-keys': No such file or directory"),
    about: 'controller',
    evidence: ['/etc/keystone/fernet-keys', 'No such file'],
  },
  {
    rule: 'admin-refused',
    healthy: {},
    broken: {},
    around: {
      cloudSilent: 'POST http://10.0.0.11:5000/v3/auth/tokens: 401 The request you have made requires authentication.',
    },
    about: 'controller',
    evidence: ['401'],
    fix: { service: 'keystone' },
  },
  {
    rule: 'credentials-refused',
    healthy: allIn,
    // Nobody can log in as nova: the cause is in Keystone.
    broken: logins(row(401, '-'), row(401, '-')),
    about: 'nova',
    evidence: ['token for nova, /etc/nova/nova.conf [keystone_authtoken,service_user]: 401'],
    fix: { service: 'nova' },
  },
  {
    rule: 'credentials-refused',
    healthy: allIn,
    broken: logins(
      row(201, 'admin,service', '/etc/nova/nova.conf', 'neutron'),
      row(401, '-', '/etc/neutron/neutron.conf', 'neutron'),
    ),
    about: 'compute1/neutron',
    evidence: ['/etc/neutron/neutron.conf'],
    fix: { service: 'neutron' },
  },
  {
    rule: 'service-role',
    healthy: allIn,
    broken: logins(row(201, 'admin'), row(201, 'admin')),
    about: 'nova',
    evidence: ['missing: service'],
    fix: { service: 'nova' },
  },
  {
    rule: 'endpoint-missing',
    healthy: catalog(three),
    broken: catalog([...three.slice(0, 2), endpoint('admin', { region_id: 'regionOne' })]),
    about: 'glance',
    evidence: ['no admin', 'admin in regionOne'],
    fix: { service: 'glance' },
  },
  {
    rule: 'endpoint-missing',
    healthy: catalog(three),
    broken: catalog([], []),
    about: 'glance',
    evidence: ['no service of type image'],
    fix: { service: 'glance' },
  },
  {
    rule: 'endpoint-double',
    healthy: catalog(three),
    broken: catalog([...three, endpoint('public', { id: 'p2', url: 'http://10.0.0.11:9292/' })]),
    about: 'glance',
    evidence: ['public endpoints of type image: http://10.0.0.11:9292 and http://10.0.0.11:9292/'],
    fix: { service: 'glance' },
  },
  {
    rule: 'endpoint-double',
    // A user's own endpoints: one in another region, one without a region.
    healthy: catalog([...three, ...mine({ region_id: 'RegionTwo' }), ...mine({ region_id: null })], [entry, own]),
    broken: catalog([...three, ...mine({})], [entry, own]),
    about: 'glance/s2',
    evidence: ['service mine has type image, as glance has, and endpoints in RegionOne'],
  },
  {
    rule: 'endpoint-wrong',
    healthy: catalog(three),
    broken: catalog([...three.slice(1), endpoint('public', { url: 'http://192.0.2.1:9292' })]),
    about: 'glance',
    evidence: ['public endpoint: http://192.0.2.1:9292; wanted: http://10.0.0.11:9292'],
    fix: { service: 'glance' },
  },
]
