import { expect } from 'vitest'
import { at, type Case } from '../case.ts'

const unit = (state: string) => ({
  units: [
    at(
      'controller',
      `unit nova-scheduler loaded active enabled S\nunit placement-api ${state}\nsaid placement-api no-config`,
    ),
  ],
})
const healthyUnits = unit('loaded active enabled S')

const api = (line: string) => ({
  answers: [
    at(
      'host',
      [
        ...['keystone', 'placement-api', 'nova-api', 'nova-api-metadata', 'neutron-api', 'cinder-api', 'apache2'].map(
          (name) => `api ${name} HTTP/1.1 200 OK`,
        ),
        `api glance-api ${line}`,
      ].join('\n'),
    ),
  ],
})

const one = (key: string, text: string) => ({ [key]: [at('controller', text)] })

export const services: readonly Case[] = [
  {
    rule: 'unit-frozen',
    healthy: healthyUnits,
    broken: unit('loaded active enabled T'),
    about: 'controller/placement-api',
    evidence: ['State: T'],
    fix: { node: 'controller', script: 'systemctl kill -s CONT placement-api' },
  },
  {
    rule: 'unit-down',
    healthy: healthyUnits,
    broken: unit('loaded failed enabled -'),
    about: 'controller/placement-api',
    evidence: ['placement-api: failed', 'no-config'],
    fix: { node: 'controller', script: expect.stringContaining('systemctl start placement-api') },
  },
  {
    rule: 'unit-down',
    healthy: healthyUnits,
    // A unit that systemd does not know cannot be started; it must be created.
    broken: unit('not-found inactive - -'),
    about: 'controller/placement-api',
    evidence: ['placement-api: not-found'],
    fix: { service: 'placement' },
  },
  {
    rule: 'unit-not-enabled',
    healthy: healthyUnits,
    broken: unit('loaded active disabled S'),
    about: 'controller/placement-api',
    evidence: ['is-enabled placement-api: disabled'],
    fix: { node: 'controller' },
  },
  {
    rule: 'api-silent',
    healthy: api('HTTP/1.1 300 Multiple Choices'),
    broken: api(''),
    about: 'controller/glance-api',
    evidence: ['GET http://10.0.0.11:9292/: no answer'],
    fix: { node: 'controller', script: 'systemctl restart glance-api' },
  },
  {
    rule: 'api-silent',
    healthy: api('HTTP/1.1 401 Unauthorized'),
    broken: api('HTTP/1.1 503 Service Unavailable'),
    about: 'controller/glance-api',
    evidence: ['503'],
    fix: { node: 'controller' },
  },
  {
    rule: 'apache-config',
    healthy: one('apache', 'AH00558: apache2: Could not reliably determine the name\nSyntax OK'),
    broken: one(
      'apache',
      "AH00526: Syntax error on line 27 of default-ssl.conf:\nInvalid command 'SSLEngine', perhaps misspelled",
    ),
    about: 'controller',
    evidence: ['Syntax error on line 27', "Invalid command 'SSLEngine'"],
    fix: { service: 'horizon' },
  },
  {
    rule: 'dashboard-sessions',
    healthy: one('sessions', "_0100_duostack.py 'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache'"),
    broken: one('sessions', "_0200_ours.py 'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'"),
    about: 'controller',
    evidence: ['_0200_ours.py', 'LocMemCache'],
  },
  {
    rule: 'console-proxy',
    healthy: one('proxy', 'type novnc\npage 200'),
    broken: one('proxy', 'type spicehtml5\npage 000'),
    about: 'controller',
    evidence: ['NOVA_CONSOLE_PROXY_TYPE is spicehtml5', 'vnc_lite.html: no answer'],
    fix: { service: 'nova' },
  },
  {
    rule: 'uwsgi-threads',
    healthy: one('threads', '/etc/keystone/keystone-uwsgi.ini 1\n/etc/neutron/neutron-api-uwsgi.ini 1'),
    broken: one('threads', '/etc/keystone/keystone-uwsgi.ini 1\n/etc/neutron/neutron-api-uwsgi.ini 8'),
    about: 'neutron',
    evidence: ['threads = 8'],
    fix: { service: 'neutron' },
  },
  {
    rule: 'run-cut-off',
    healthy: {},
    broken: {},
    around: { unfinished: ['stack services: terraform_data.glance is tainted'] },
    about: 'host',
    evidence: ['terraform_data.glance is tainted'],
  },
]
