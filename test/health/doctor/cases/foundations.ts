import { at, type Case } from '../case.ts'

const login = (word: string, detail = '10.0.0.11:5672') =>
  `${word} /etc/nova/nova.conf,/etc/neutron/neutron.conf ${detail}`
const broker = (controller: string, compute: string) => ({
  broker: [at('controller', controller), at('compute1', compute)],
})
const fine = broker(login('ok'), login('ok'))
const refusal = '10.0.0.11:5672 (0, 0): (403) ACCESS_REFUSED - Login was refused'

const database = (code: number, detail: string) => ({
  databases: [
    at(
      'controller',
      `0 /etc/keystone/keystone.conf database keystone ok\n${code} /etc/glance/glance-api.conf database glance ${detail}`,
    ),
  ],
})

export const foundations: readonly Case[] = [
  {
    rule: 'broker-down',
    healthy: fine,
    broken: broker(login('unreachable', '10.0.0.11:5672 [Errno 111] Connection refused'), login('unreachable')),
    about: 'controller',
    evidence: ['controller: AMQP login', 'Connection refused', 'compute1: AMQP login'],
    fix: { node: 'controller', script: 'systemctl start rabbitmq-server' },
  },
  {
    rule: 'broker-broken',
    healthy: fine,
    broken: broker(
      login('dropped', '10.0.0.11:5672 [Errno 104] Connection reset by peer'),
      login('dropped', '10.0.0.11:5672 Server unexpectedly closed connection'),
    ),
    about: 'controller',
    evidence: ['controller: AMQP login', 'reset by peer', 'compute1: AMQP login'],
    fix: { node: 'controller', script: 'systemctl restart rabbitmq-server' },
  },
  {
    rule: 'broker-unreachable',
    healthy: fine,
    broken: broker(login('ok'), login('unreachable', '10.0.0.11:5672 timed out')),
    about: 'compute1',
    evidence: ['timed out'],
  },
  {
    rule: 'broker-refuses',
    healthy: fine,
    // Other services can log in: the cause is this node's file.
    broken: broker(login('ok'), login('refused', refusal)),
    about: 'compute1/nova',
    evidence: ['ACCESS_REFUSED'],
    fix: { service: 'nova' },
  },
  {
    rule: 'broker-refuses',
    healthy: fine,
    broken: broker(login('refused', refusal), login('refused', refusal)),
    about: 'controller',
    evidence: ['ACCESS_REFUSED'],
    fix: { service: 'rabbitmq' },
  },
  {
    rule: 'broker-blocked',
    healthy: fine,
    broken: broker(login('blocked', '10.0.0.11:5672 low on disk'), login('ok')),
    about: 'controller',
    evidence: ['low on disk'],
  },
  {
    rule: 'database-down',
    healthy: database(0, 'ok'),
    broken: database(2003, "Can't connect to MySQL server on '10.0.0.11' ([Errno 111] Connection refused)"),
    about: 'controller',
    evidence: ['login as glance, /etc/glance/glance-api.conf [database]', 'Connection refused'],
    fix: { node: 'controller', script: 'systemctl start mariadb' },
  },
  {
    rule: 'database-full',
    healthy: database(0, 'ok'),
    broken: database(1040, 'Too many connections'),
    about: 'controller',
    evidence: ['Too many connections'],
    fix: { node: 'controller' },
  },
  {
    rule: 'database-refuses',
    healthy: database(0, 'ok'),
    broken: database(1045, "Access denied for user 'glance'@'10.0.0.11' (using password: YES)"),
    about: 'glance/database',
    evidence: ['Access denied'],
    fix: { service: 'glance' },
  },
  {
    rule: 'cache-down',
    healthy: { cache: [at('controller', 'VERSION 1.6.18\r\n')] },
    broken: {
      cache: [
        at('controller', 'bash: connect: Connection refused\nbash: /dev/tcp/10.0.0.11/11211: Connection refused'),
      ],
    },
    about: 'controller',
    evidence: ['memcached at 10.0.0.11:11211', 'Connection refused'],
    fix: { service: 'memcached' },
  },
]
