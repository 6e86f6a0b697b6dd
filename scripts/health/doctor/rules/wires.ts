/** The wires between this machine and an instance: interfaces, bridges, taps, MTU. */

import { bridgeName, tapName } from '../../../cloud/neutron-names.ts'
import type { Lab } from '../../../declaration/lab.ts'
import { physicalNetwork, providerInterface } from '../../../declaration/provider-network.ts'
import { nameObject, networks, ports, servers } from '../reads/cloud.ts'
import { describeLink, hostLinks, type Link, nodeLinks, parseLinks } from '../reads/links.ts'
import { rule } from '../rule.ts'

/** Nodes without Neutron have no use for the interface. */
const carriesPorts = (lab: Lab, name: string) =>
  lab.nodes.some((node) => node.name === name && node.roles.some((role) => role !== 'storage'))

export const providerDown = rule({
  symptom: 'instances on one node cannot be reached; or no instance gets a lease',
  cause: `the node's ${providerInterface}, its link to the provider network, is down or missing`,
  remedy: 'bring it up again',
  service: 'neutron',
  reads: { links: nodeLinks },
  judge: ({ links: answers }, { lab }) => {
    const all = parseLinks(answers)
    return answers
      .filter(({ at }) => carriesPorts(lab, at))
      .flatMap(({ at }) => {
        const link = all.find((one) => one.at === at && one.name === providerInterface)
        if (link?.up) return []
        const script = `ip link set ${providerInterface} up`
        return [
          {
            about: at,
            evidence: [link ? describeLink(link) : `${at}: there is no ${providerInterface}`],
            next: link ? `./lab ssh ${at} ${script}` : './lab up',
            ...(link ? { fix: { node: at, script } } : {}),
            explains: ['instance-silent', `mtu-differs ${at}/${providerInterface}`],
          },
        ]
      })
  },
})

export const uplinkUnbridged = rule({
  symptom: 'instances request a lease and get none; no instance on one node can be reached',
  cause: `${providerInterface} is not in Neutron's bridge for the provider network, so no frames pass`,
  remedy: 'add it to the bridge',
  service: 'neutron',
  reads: { links: nodeLinks, networks },
  judge: ({ links: answers, networks: { networks: known } }) => {
    const all = parseLinks(answers)
    const flat = known.filter(
      (one) => one['provider:network_type'] === 'flat' && one['provider:physical_network'] === physicalNetwork,
    )
    return flat.flatMap(({ id, name }) =>
      all
        .filter((link) => link.name === bridgeName(id))
        .flatMap(({ at, name: bridge }) => {
          const uplink = all.find((link) => link.at === at && link.name === providerInterface)
          if (!uplink || uplink.bridge === bridge) return []
          const script = `ip link set ${providerInterface} master ${bridge}`
          return [
            {
              about: at,
              evidence: [`${describeLink(uplink)}; wanted: in ${bridge}, the bridge of network ${name}`],
              next: `./lab ssh ${at} ${script}`,
              fix: { node: at, script },
              explains: ['instance-silent'],
            },
          ]
        }),
    )
  },
})

export const tapUnbridged = rule({
  symptom: 'one instance cannot be reached, the others can',
  cause: "its tap is down, or not in Neutron's bridge on its node",
  remedy: 'add it to the bridge again; a hard reboot of the instance does the same',
  service: 'neutron',
  reads: { links: nodeLinks, ports, servers },
  judge: ({ links: answers, ports: known, servers: instances }, { own }) => {
    const all = parseLinks(answers)
    const running = instances.filter(({ status }) => status === 'ACTIVE')
    return known.flatMap((port) => {
      const at = port['binding:host_id']
      const server = running.find(({ id }) => id === port.device_id)
      if (!server || !answers.some((answer) => answer.at === at)) return []
      const [tap, bridge] = [tapName(port.id), bridgeName(port.network_id)]
      const link = all.find((one) => one.at === at && one.name === tap)
      if (link?.up && link.bridge === bridge) return []
      const script = `ip link set ${tap} up master ${bridge}`
      return [
        {
          about: nameObject(server, own),
          evidence: [link ? `${describeLink(link)}; wanted: UP in ${bridge}` : `${at}: there is no ${tap}`],
          next: link ? `./lab ssh ${at} ${script}` : `./lab openstack server reboot --hard ${server.id}`,
          ...(link ? { fix: { node: at, script } } : {}),
          explains: [`instance-silent ${nameObject(server, own)}`],
        },
      ]
    })
  },
})

export const mtuDiffers = rule({
  symptom: 'ping works, but ssh and downloads hang',
  cause: 'an interface on the path has a smaller MTU than the others and drops larger frames',
  remedy: 'give all of them the same MTU',
  reads: { nodes: nodeLinks, host: hostLinks },
  judge: ({ nodes, host }, { lab }) => {
    const all = [...parseLinks(nodes), ...parseLinks(host)]
    const wires = [
      { bridge: lab.networks.management.bridge, nic: 'eth0' },
      { bridge: lab.networks.provider.bridge, nic: providerInterface },
    ]
    return wires.flatMap(({ bridge, nic }) => {
      const links = all.filter(({ at, name }) => (at === 'host' ? name === bridge : name === nic))
      const largest = Math.max(...links.map(({ mtu }) => mtu))
      return links.filter(({ mtu }) => mtu < largest).map((link) => shrunk(link, largest))
    })
  },
})

function shrunk(link: Link, mtu: number) {
  const script = `ip link set ${link.name} mtu ${mtu}`
  return {
    about: `${link.at}/${link.name}`,
    evidence: [`${describeLink(link)}; the others on this network: mtu ${mtu}`],
    // What it carries in VXLAN.
    ...(link.name === 'eth0' ? { explains: [`project-mtu ${link.at}`] } : {}),
    next: link.at === 'host' ? `./lab exec -- sudo ${script}` : `./lab ssh ${link.at} ${script}`,
    fix: link.at === 'host' ? { host: script } : { node: link.at, script },
  }
}
