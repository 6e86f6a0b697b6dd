/** The topologies of two real labs, as recorded from their nodes: one with provider networks, one with self-service. */

import { readFileSync } from 'node:fs'
import type { Machine, Topology } from '../../../scripts/insight/topology/model.ts'
import { parseInterfaces, parseMachine } from '../../../scripts/insight/topology/parse.ts'
import { findCables } from '../../../scripts/insight/topology/read.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

function read(folder: string) {
  const recorded = (name: string) => readFileSync(new URL(`recorded/${folder}${name}`, import.meta.url), 'utf8')
  const { lab: known, ...names } = JSON.parse(recorded('names.json'))
  const bridges: [string, string] = [known.networks.management.bridge, known.networks.provider.bridge]
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
  const shown = { id: '1a2b3c4d', name: 'duostack', hypervisor: 'lxc' }
  const topology: Topology = { lab: shown, machines, cables: findCables(machines), ...names }
  const networks = { ...fixtureLab('lxc').networks, ...known.networks }
  return { bridges, topology, lab: fixtureLab('lxc', { networks }) }
}

const provider = read('')
export const { bridges, lab, topology } = provider
export const compute = topology.machines[2]!
export const controller = topology.machines[1]!

export const selfService = read('self-service/')
