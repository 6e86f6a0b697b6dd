/** The services, in the order a reader expects, each with what others must know of it. What a field is: service-profile.ts. */

import type { ServiceProfile } from './service-profile.ts'

const sameNames = <const Names extends readonly string[]>(...names: Names) =>
  Object.fromEntries(names.map((name) => [name, name])) as { readonly [Name in Names[number]]: Name }

/** Of every `-uwsgi.ini`. */
const uwsgi = 'uwsgi.ini'

export const serviceProfiles = {
  base: {
    note: 'Basics of every node: host names, kernel settings.',
    packages: ['curl', 'procps', 'sudo'],
    iniFiles: { '/etc/systemd/system.conf.d/duostack.conf': null },
    seconds: 1.8,
  },
  chrony: { note: 'Time synchronization: compute nodes follow the controller.', packages: ['chrony'], seconds: 12 },
  mariadb: {
    note: 'The databases.',
    ports: { mariadb: 3306 },
    packages: ['mariadb-server'],
    versions: { mariadb: 'mariadb-server' },
    logs: ['/var/log/mysql/*.log'],
    folders: ['/var/lib/mysql'],
    iniFiles: { '/etc/mysql/mariadb.conf.d/99-openstack.cnf': 'mariadb.cnf' },
    seconds: 7.3,
  },
  rabbitmq: {
    note: 'The message queue.',
    ports: { rabbitmq: 5672, epmd: 4369, rabbitmqDistribution: 25_672 },
    secrets: ['rabbitmq_password', 'rabbitmq_erlang_cookie'],
    packages: ['rabbitmq-server'],
    versions: { rabbitmq: 'rabbitmq-server' },
    logs: ['/var/log/rabbitmq/*.log'],
    folders: ['/var/lib/rabbitmq'],
    seconds: 29.2,
  },
  memcached: { note: 'The cache.', ports: { memcached: 11_211 }, packages: ['memcached'], seconds: 6.6 },
  keystone: {
    note: 'Identity.',
    ports: { keystone: 5000 },
    secrets: ['keystone_database_password'],
    packages: ['keystone', 'python3-memcache', 'python3-pymysql'],
    versions: { keystone: 'keystone' },
    python: ['keystone'],
    logs: ['/var/log/keystone/*.log'],
    iniFiles: { '/etc/keystone/keystone-uwsgi.ini': uwsgi, '/etc/keystone/keystone.conf': 'keystone.conf' },
    apis: [{ listener: 'keystone', unit: 'keystone', path: '/v3' }],
    catalog: [{ type: 'identity', question: '/projects?limit=1' }],
    workerMiB: 119,
    seconds: 22,
  },
  glance: {
    note: 'Images.',
    ports: { glance: 9292 },
    secrets: ['glance_database_password', 'glance_password'],
    packages: ['glance'],
    versions: { glance: 'glance-api' },
    python: ['glance', 'glance_store'],
    logs: ['/var/log/glance/*.log'],
    folders: ['/var/lib/glance/images'],
    iniFiles: { '/etc/glance/glance-api.conf': 'glance-api.conf' },
    apis: [{ listener: 'glance', unit: 'glance-api', path: '/' }],
    catalog: [{ type: 'image', question: '/v2/images?limit=1' }],
    workerMiB: 149,
    seconds: 23.9,
  },
  placement: {
    note: 'Tracks which resources are free on which node.',
    ports: { placement: 8778 },
    secrets: ['placement_database_password', 'placement_password'],
    packages: ['placement-api'],
    versions: { placement: 'placement-api' },
    python: ['placement'],
    logs: ['/var/log/placement/*.log'],
    iniFiles: { '/etc/placement/placement-api-uwsgi.ini': uwsgi, '/etc/placement/placement.conf': 'placement.conf' },
    apis: [{ listener: 'placement', unit: 'placement-api', path: '/' }],
    catalog: [{ type: 'placement', question: '/resource_providers' }],
    workerMiB: 81,
    seconds: 19.1,
  },
  nova: {
    note: 'Instances.',
    ports: { nova: 8774, novaMetadata: 8775, novncproxy: 6080 },
    // The compute nodes' ssh keys are made of the last one, for disks that go from one to another.
    secrets: ['nova_database_password', 'nova_password', 'metadata_proxy_secret', 'nova_migration_key'],
    packages: [
      ...['genisoimage', 'libvirt-clients', 'libvirt-daemon-system', 'nova-api', 'nova-compute'],
      // Not nova-compute-qemu: it brings the emulators of every architecture, 700 MB. The virt_type is written anyway.
      'nova-compute-kvm',
      ...['nova-conductor', 'nova-consoleproxy', 'nova-scheduler', 'novnc', 'openssh-server', 'qemu-system-x86'],
    ],
    versions: { nova: 'nova-api', libvirt: 'libvirt-daemon' },
    python: ['nova'],
    logs: ['/var/log/nova/*.log', '/var/log/libvirt/*.log', '/var/log/libvirt/qemu/*.log'],
    folders: ['/var/lib/nova/instances'],
    iniFiles: {
      '/etc/nova/nova-api-metadata-uwsgi.ini': uwsgi,
      '/etc/nova/nova-api-uwsgi.ini': uwsgi,
      '/etc/nova/nova-compute-kvm.conf': 'nova.conf',
      '/etc/nova/nova-compute.conf': 'nova.conf',
      '/etc/nova/nova.conf': 'nova.conf',
    },
    apis: [
      { listener: 'nova', unit: 'nova-api', path: '/' },
      { listener: 'novaMetadata', unit: 'nova-api-metadata', path: '/' },
    ],
    catalog: [{ type: 'compute', question: '/servers?limit=1' }],
    daemons: {
      id: 'compute',
      what: 'compute services',
      type: 'compute',
      path: '/os-services',
      units: sameNames('nova-scheduler', 'nova-conductor', 'nova-compute'),
    },
    workerMiB: 139,
    seconds: 121.2,
  },
  neutron: {
    note: 'Networks.',
    ports: { neutron: 9696 },
    secrets: ['neutron_database_password', 'neutron_password'],
    packages: [
      ...['dnsmasq-base', 'ebtables', 'haproxy', 'ipset', 'neutron-api', 'neutron-dhcp-agent'],
      ...['neutron-l3-agent', 'neutron-linuxbridge-agent', 'neutron-metadata-agent', 'neutron-rpc-server'],
    ],
    versions: { neutron: 'neutron-api' },
    python: ['neutron', 'neutron_lib'],
    logs: ['/var/log/neutron/*.log'],
    iniFiles: {
      '/etc/neutron/neutron-api-uwsgi.ini': uwsgi,
      '/etc/neutron/neutron.conf': 'neutron.conf',
      '/etc/neutron/plugins/ml2/ml2_conf.ini': 'ml2_conf.ini',
      '/etc/neutron/plugins/ml2/linuxbridge_agent.ini': 'linuxbridge_agent.ini',
      '/etc/neutron/dhcp_agent.ini': 'dhcp_agent.ini',
      '/etc/neutron/l3_agent.ini': 'l3_agent.ini',
      '/etc/neutron/metadata_agent.ini': 'metadata_agent.ini',
    },
    apis: [{ listener: 'neutron', unit: 'neutron-api', path: '/' }],
    catalog: [{ type: 'network', question: '/v2.0/networks?limit=1' }],
    daemons: {
      id: 'agents',
      what: 'network agents',
      type: 'network',
      path: '/v2.0/agents',
      units: {
        'DHCP agent': 'neutron-dhcp-agent',
        'Metadata agent': 'neutron-metadata-agent',
        'Linux bridge agent': 'neutron-linuxbridge-agent',
        'L3 agent': 'neutron-l3-agent',
      },
    },
    workerMiB: 169,
    seconds: 84.9,
  },
  cinder: {
    note: 'Block storage: volumes for instances. Needs a node in the group storage.',
    optional: 'on',
    ports: { cinder: 8776 },
    secrets: ['cinder_database_password', 'cinder_password'],
    packages: [
      ...['cinder-api', 'cinder-backup', 'cinder-scheduler', 'cinder-volume', 'lvm2', 'open-iscsi', 'qemu-utils'],
      ...['tgt', 'thin-provisioning-tools'],
    ],
    versions: { cinder: 'cinder-api' },
    python: ['cinder'],
    logs: ['/var/log/cinder/*.log'],
    iniFiles: { '/etc/cinder/cinder-api-uwsgi.ini': uwsgi, '/etc/cinder/cinder.conf': 'cinder.conf' },
    apis: [{ listener: 'cinder', unit: 'cinder-api', path: '/' }],
    catalog: [{ type: 'volumev3', question: '/volumes?limit=1' }],
    daemons: {
      id: 'volumes',
      what: 'volume services',
      type: 'volumev3',
      path: '/os-services',
      units: sameNames('cinder-scheduler', 'cinder-volume', 'cinder-backup'),
    },
    workerMiB: 134,
    seconds: 82.8,
  },
  horizon: {
    note: 'The dashboard.',
    optional: 'on',
    ports: { horizon: 80 },
    secrets: ['horizon_secret_key'],
    // openstack-dashboard alone has no web server.
    packages: ['apache2', 'openstack-dashboard', 'openstack-dashboard-apache', 'python3-pymemcache'],
    versions: { horizon: 'openstack-dashboard' },
    python: ['horizon', 'openstack_dashboard'],
    logs: ['/var/log/apache2/*.log'],
    apis: [{ listener: 'horizon', unit: 'apache2', path: '/horizon/auth/login/', log: '/var/log/apache2/error.log' }],
    workerMiB: 107,
    seconds: 12.5,
  },
  heat: {
    note: 'Stacks: resources made from templates.',
    feature: { what: 'Orchestration (Heat): stacks of resources from templates', words: '`stack`' },
    optional: 'off',
    ports: { heat: 8004, heatCfn: 8000 },
    // Stacks are encrypted with the last one.
    secrets: ['heat_database_password', 'heat_password', 'heat_domain_admin_password', 'heat_auth_encryption_key'],
    dataKeys: ['heat_auth_encryption_key'],
    packages: ['heat-api', 'heat-api-cfn', 'heat-engine', 'python3-heat-dashboard'],
    versions: { heat: 'heat-engine' },
    client: 'python3-heatclient',
    userRoles: ['heat_stack_owner'],
    dashboard: {
      package: 'python3-heat-dashboard',
      // The form for a stack would ask for the user's password, which a trust has no use for.
      settings: ["OPENSTACK_HEAT_STACK = {'enable_user_pass': False}"],
    },
    python: ['heat'],
    logs: ['/var/log/heat/*.log'],
    iniFiles: {
      '/etc/heat/heat-api-cfn-uwsgi.ini': uwsgi,
      '/etc/heat/heat-api-uwsgi.ini': uwsgi,
      '/etc/heat/heat.conf': 'heat.conf',
    },
    apis: [
      { listener: 'heat', unit: 'heat-api', path: '/' },
      { listener: 'heatCfn', unit: 'heat-api-cfn', path: '/' },
    ],
    catalog: [{ type: 'orchestration', question: '/stacks?limit=1' }, { type: 'cloudformation' }],
    daemons: {
      id: 'orchestration',
      what: 'orchestration services',
      type: 'orchestration',
      path: '/services',
      units: sameNames('heat-engine'),
    },
    workerMiB: 235,
    seconds: 33,
  },
  demo: {
    note: 'A project with an ordinary user, its quotas, and the files to sign in.',
    optional: 'on',
    secrets: ['demo_password'],
    packages: [],
    seconds: 4.3,
  },
} as const satisfies Record<string, ServiceProfile>

export type ServiceName = keyof typeof serviceProfiles
export const serviceNames = Object.keys(serviceProfiles) as ServiceName[]

/** Of one service, without the exact values that `serviceProfiles` has for types. */
export const profileOf = (service: ServiceName): ServiceProfile => serviceProfiles[service]

/** One entry for each service. */
export const byService = <Value>(value: (service: ServiceName) => Value) =>
  Object.fromEntries(serviceNames.map((name) => [name, value(name)])) as Record<ServiceName, Value>
