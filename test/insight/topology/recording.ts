/** The topology of a real lab, as recorded from its nodes. */

import { readFileSync } from 'node:fs'
import type { Machine, Topology } from '../../../scripts/insight/topology/model.ts'
import { parseInterfaces, parseMachine } from '../../../scripts/insight/topology/parse.ts'
import { findCables } from '../../../scripts/insight/topology/read.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const recorded = (name: string) => readFileSync(new URL(`recorded/${name}`, import.meta.url), 'utf8')
const names = JSON.parse(recorded('names.json'))
export const bridges = [names.lab.networks.management.bridge, names.lab.networks.provider.bridge]

function readRecorded(): Topology {
  const host: Machine = {
    name: 'host',
    roles: ['host'],
    interfaces: parseInterfaces(recorded('host.json')).filter(
      ({ name, master }) => bridges.includes(name) || bridges.includes(master ?? ''),
    ),
    namespaces: [],
    dnsmasq: [],
    instances: [],
    chains: [],
  }
  const machines = [
    host,
    parseMachine('controller', ['controller', 'storage'], recorded('controller.txt')),
    parseMachine('compute1', ['compute'], recorded('compute1.txt')),
  ]
  const lab = { id: '1a2b3c4d', name: 'duostack', hypervisor: 'lxc' }
  return { lab, machines, cables: findCables(machines), networks: names.networks, ports: names.ports }
}

export const lab = fixtureLab('lxc', { networks: { ...fixtureLab('lxc').networks, ...names.lab.networks } })
export const topology = readRecorded()
export const compute = topology.machines[2]!
export const controller = topology.machines[1]!
