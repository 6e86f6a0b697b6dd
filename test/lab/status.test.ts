import { describe, expect, test } from 'vitest'
import { readStatus, type Status } from '../../scripts/lab/status.ts'
import { parseDomains, parseNode, unitsOf } from '../../scripts/lab/status-nodes.ts'
import { showAge, showStatus } from '../../scripts/lab/status-text.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('lxc')

describe('status', () => {
  test('says that there is no lab, and how to make one', async () => {
    const empty = { ...lab, root: temporaryFolder() }
    const status = await readStatus(empty)
    expect(status).toEqual({ lab: null, healthy: false, nodes: [] })
    expect(showStatus(status)).toBe('no lab here: ./lab up')
  })

  test('reads libvirt’s words for the state of a domain', () => {
    const table = ' 12   duostack-controller   running\n -    duostack-compute1     shut off\n\n'
    expect([...parseDomains(table)]).toEqual([
      ['duostack-controller', 'running'],
      ['duostack-compute1', 'shut off'],
    ])
  })

  test('reads load, age, memory and units of a node; a unit that systemd does not know is missing', () => {
    const output = `node 0.42 7200 3300
Id=keystone.service
LoadState=loaded
ActiveState=active

Id=glance-api.service
LoadState=loaded
ActiveState=failed

Id=apache2.service
LoadState=not-found
ActiveState=inactive
`
    const units = [
      { service: 'keystone', unit: 'keystone' },
      { service: 'glance', unit: 'glance-api' },
      { service: 'horizon', unit: 'apache2' },
    ] as const
    expect(parseNode(output, units)).toEqual({
      load: 0.42,
      upSeconds: 7200,
      usedMiB: 3300,
      units: [
        { service: 'keystone', unit: 'keystone', state: 'active' },
        { service: 'glance', unit: 'glance-api', state: 'failed' },
        { service: 'horizon', unit: 'apache2', state: 'missing' },
      ],
    })
  })

  test('knows from the services themselves which units belong on which node', () => {
    const units = unitsOf(lab)
    const names = (node: string) => units.get(node)?.map(({ unit }) => unit)
    expect(names('controller')).toEqual(expect.arrayContaining(['keystone', 'neutron-dhcp-agent']))
    expect(names('compute1')).toEqual(expect.arrayContaining(['nova-compute', 'neutron-linuxbridge-agent']))
    expect(names('compute1')).not.toContain('keystone')
  })

  test('shows a dead node, a failed unit and a silent cloud for what they are', () => {
    const status: Status = {
      lab: { id: '1a2b3c4d', name: 'duostack', hypervisor: 'lxc', isolation: 'netns' },
      healthy: false,
      nodes: [
        {
          name: 'controller',
          roles: ['controller'],
          address: '10.0.0.11',
          state: 'running',
          memoryMiB: 6144,
          usedMiB: 3072,
          load: 0.5,
          upSeconds: 3700,
          units: [
            { service: 'keystone', unit: 'keystone', state: 'failed' },
            { service: 'glance', unit: 'glance-api', state: 'active' },
          ],
        },
        {
          name: 'compute1',
          roles: ['compute'],
          address: '10.0.0.31',
          state: 'shut off',
          memoryMiB: 3072,
          silent: 'the domain is shut off',
        },
      ],
      cloud: {
        silent: { what: 'Keystone gives a token', ok: false, seen: 'ECONNREFUSED', next: './lab ssh controller' },
        endpoints: [],
        agents: [],
        instances: [],
        volumes: [],
      },
    }
    expect(showStatus(status)).toBe(`duostack: lab 1a2b3c4d, lxc, isolation netns
nodes
  ✓  controller  running   10.0.0.11  3.0 of 6.0 GiB  load 0.50  up 1 h 1 min  controller
  ✗  compute1    shut off  10.0.0.31                                           the domain is shut off
services
  ✗  controller  1 of 2 units active, keystone failed
cloud
  ✗ ECONNREFUSED
    look at: ./lab ssh controller`)
  })

  test('shows ages in their two largest units', () => {
    expect([0, 40, 125, 3700, 100_000].map(showAge)).toEqual(['0 s', '40 s', '2 min', '1 h 1 min', '1 d 3 h'])
  })
})
