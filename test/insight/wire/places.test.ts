import { describe, expect, test } from 'vitest'
import { nameOfPlace, placeNames, placesOf } from '../../../scripts/insight/wire/places.ts'
import { selfService, topology } from '../topology/recording.ts'

const portOf = (names: typeof topology, server: string) => {
  const instance = names.machines.flatMap(({ instances }) => instances).find(({ name }) => name === server)
  return names.ports.find(({ device }) => device === instance?.id)!
}
const show = (names: typeof topology, server: string) =>
  placesOf(names, portOf(names, server)).map((place) => [place.name, nameOfPlace(place)])

describe('the places of a path', () => {
  test('on the provider network: up to eth1 of the same node, and DHCP', () => {
    expect(show(selfService.topology, 'test')).toEqual([
      ['tap', expect.stringMatching(/^tap\S+ on compute1$/)],
      ['bridge', 'brqbb2053dc-c9 on compute1'],
      ['eth1', 'eth1 on compute1'],
      ['dhcp', 'ns-82203da1-b9 in qdhcp-bb2053dc-c903-4a98-bb6e-73bb3bdf4801 on controller'],
    ])
  })

  test('behind a router: eth1 is that of its node, where packets have the floating IP', () => {
    const places = placesOf(selfService.topology, portOf(selfService.topology, 'test-project'))
    expect(places.map(({ name }) => name)).toEqual(placeNames)
    const { floatingIps = [], routers = [] } = selfService.topology
    const floating = floatingIps[0]!.address
    expect(places[2]).toMatchObject({ node: 'controller', filter: `host ${floating} or (vlan and (host ${floating}))` })
    expect(places[4]).toMatchObject({
      device: 'any',
      namespace: `qrouter-${routers[0]!.id}`,
      filter: `host 172.16.1.232 or host ${floating}`,
    })
  })

  test('without a floating IP the address outside is the one of the router; without a router there is none', () => {
    const { ports } = selfService.topology
    const port = portOf(selfService.topology, 'test-project')
    const gateway = ports.find(({ owner }) => owner === 'network:router_gateway')!
    const places = placesOf({ ...selfService.topology, floatingIps: [] }, port)
    expect(places[2]?.filter).toContain(`host ${gateway.addresses[0]}`)
    const alone = placesOf({ ...selfService.topology, routers: [] }, port)
    expect(alone.map(({ name }) => name)).toEqual(['tap', 'bridge', 'dhcp'])
  })

  test('every place of each lab exists on its node, as it was recorded', () => {
    for (const [names, server] of [
      [topology, 'test'],
      [selfService.topology, 'test-project'],
    ] as const) {
      for (const { node, namespace, device } of placesOf(names, portOf(names, server))) {
        const machine = names.machines.find(({ name }) => name === node)!
        if (device === 'any') expect(machine.namespaces).toContain(namespace)
        else
          expect(
            machine.interfaces.some((one) => one.name === device && one.namespace === namespace),
            device,
          ).toBe(true)
      }
    }
  })

  test('the packets of one instance are told by its MAC, also in an answer of DHCP to everyone', () => {
    const [, bridge] = placesOf(selfService.topology, portOf(selfService.topology, 'test-project'))
    expect(bridge?.filter).toBe(
      'ether host fa:16:3e:25:1f:07 or (udp src port 67 and udp[36:4] == 0xfa163e25 and udp[40:2] == 0x1f07)',
    )
  })
})
