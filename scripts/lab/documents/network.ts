/** Documents about a lab's network: its topology, and the way to one instance. */

import { z } from 'zod'
import { defineDocument } from './document.ts'
import { count, list, observation, text } from './shared.ts'

const end = z.strictObject({ machine: text, interface: text, namespace: text.optional() })

const machine = z.strictObject({
  name: text,
  roles: list(text),
  interfaces: list(
    z.strictObject({
      name: text,
      kind: text.describe('bridge, veth, tun (a tap), vlan, vxlan or physical'),
      up: z.boolean(),
      mtu: count,
      mac: text,
      addresses: list(text).describe('IPv4 and global IPv6, with the prefix'),
      master: text.optional().describe('the bridge that it is a port of'),
      namespace: text.optional().describe("absent in the node's own"),
      vlan: z.strictObject({ below: text, id: z.int() }).optional(),
      vxlan: z
        .strictObject({
          below: text,
          id: z.int(),
          peers: list(text).describe('addresses of the nodes that it floods to'),
        })
        .optional(),
      index: z.int(),
      peerIndex: z.int().optional().describe('of the other end of a veth'),
    }),
  ),
  namespaces: list(text),
  dnsmasq: list(z.strictObject({ pid: count, network: text })),
  instances: list(
    z.strictObject({
      domain: text.describe("libvirt's name"),
      id: text,
      name: text,
      state: text,
      interfaces: list(z.strictObject({ tap: text, bridge: text, mac: text })),
    }),
  ),
  chains: list(
    z.strictObject({
      chain: text,
      port: text.describe("the first ten characters of the port's id"),
      what: z.enum(['to the instance', 'from the instance', 'who may send']),
      rules: list(text),
    }),
  ).describe('of iptables, for each port'),
  nat: list(z.strictObject({ namespace: text, rules: list(text) }))
    .optional()
    .describe("of iptables, for each router's namespace"),
})

export const topologyDocument = defineDocument('topology', {
  version: 1,
  command: './lab topology --json',
  fields: {
    lab: z.strictObject({ id: text, name: text, hypervisor: text }),
    machines: list(machine).describe('this host first'),
    cables: list(z.strictObject({ from: end, to: end, kind: z.enum(['veth', 'tap']) })),
    networks: list(
      z.strictObject({
        id: text,
        name: text,
        type: text,
        segment: z.int().optional(),
        bridge: text,
        mtu: count.optional().describe('what DHCP tells instances; only with lab_networking: self-service'),
      }),
    ).describe("Neutron's"),
    ports: list(
      z.strictObject({
        id: text,
        network: text,
        device: text,
        owner: text,
        mac: text,
        addresses: list(text),
        status: text,
        host: text,
      }),
    ).describe("Neutron's"),
    routers: list(z.strictObject({ id: text, name: text }))
      .optional()
      .describe('only with lab_networking: self-service'),
    floatingIps: list(
      z.strictObject({
        address: text,
        fixedAddress: text.describe('empty if it belongs to no port'),
        port: text.describe('empty if it belongs to no port'),
        router: text,
        status: text,
      }),
    )
      .optional()
      .describe('only with lab_networking: self-service'),
  },
})

export const pathDocument = defineDocument('path', {
  version: 1,
  command: './lab topology --path SERVER --json',
  fields: {
    ok: z.boolean(),
    firstBad: text.nullable().describe('id of the first hop that is not ok'),
    hops: list(observation),
  },
})
