/** Project networks between the nodes: where VXLAN sends, and what size of packet fits. */

import { bridgeName } from '../../../cloud/neutron-names.ts'
import { isSelfService } from '../../../declaration/lab.ts'
import { nameObject, networks, ports } from '../reads/cloud.ts'
import { describeLink, type Link, nodeLinks, parseLinks } from '../reads/links.ts'
import { namespaces, parseNamespaces, tunnels, vxlanName } from '../reads/routing.ts'
import { rule } from '../rule.ts'

const everyone = '00:00:00:00:00:00'

export const vxlanPeer = rule({
  symptom:
    'instances of one project network reach each other on the same node, but not on another; or they get no lease',
  cause:
    "a node's VXLAN interface does not know another node that has ports of the network: an l2population message was lost, or the entry was deleted",
  remedy: 'restart the Linuxbridge agent of the node: Neutron sends it all entries again',
  service: 'neutron',
  when: isSelfService,
  reads: { tunnels, networks, ports },
  judge: ({ tunnels: answers, networks: { networks: known }, ports: all }, { lab, own }) =>
    known
      .filter((one) => one['provider:network_type'] === 'vxlan')
      .flatMap((network) => {
        const active = all.filter(({ network_id, status }) => network_id === network.id && status === 'ACTIVE')
        const members = lab.nodes.filter(({ name }) => active.some((port) => port['binding:host_id'] === name))
        return answers
          .filter(({ at }) => members.some(({ name }) => name === at))
          .flatMap(({ at, text }) => {
            const device = vxlanName(network['provider:segmentation_id'] ?? 0)
            const missing = members.filter(
              ({ name, address }) => name !== at && !text.includes(`${everyone} dev ${device} dst ${address} `),
            )
            if (missing.length === 0) return []
            const script = 'systemctl restart neutron-linuxbridge-agent'
            return [
              {
                about: `${at}/${nameObject(network, own)}`,
                evidence: missing.map(
                  ({ name, address }) =>
                    `${at}: bridge fdb show dev ${device}: no ${everyone} dst ${address} (${name})`,
                ),
                next: `./lab ssh ${at} ${script}`,
                fix: { node: at, script },
              },
            ]
          })
      }),
})

/** What VXLAN adds to each packet. */
const overhead = 50

export const projectMtu = rule({
  symptom: 'ping works on a project network, but ssh and downloads hang',
  cause: 'an interface on the network has a smaller MTU than DHCP tells its instances, and drops larger packets',
  remedy: "give it the network's MTU again",
  service: 'neutron',
  when: isSelfService,
  reads: { links: nodeLinks, namespaces, networks, ports },
  judge: ({ links, namespaces: spaces, networks: { networks: known }, ports: all }, { lab, own }) => {
    const onNodes = parseLinks(links)
    const inside = spaces.flatMap((answer) =>
      [...parseNamespaces(answer).links].flatMap(([space, list]) => list.map((link) => ({ ...link, space }))),
    )
    return known
      .filter((one) => one['provider:network_type'] !== 'flat')
      .flatMap((network) => {
        const ids = all.filter(({ network_id }) => network_id === network.id).map(({ id }) => id.slice(0, 11))
        const wires: (Link & { space?: string })[] = [
          ...onNodes.filter(({ bridge }) => bridge === bridgeName(network.id)),
          ...inside.filter(({ name }) => /^(qr|qg|ns)-/.test(name) && ids.includes(name.slice(3))),
        ]
        const carriers =
          network['provider:network_type'] === 'vxlan' ? onNodes.filter(({ name }) => name === 'eth0') : []
        const small = [
          ...wires.filter(({ mtu }) => mtu < network.mtu).map((link) => ({ link, mtu: network.mtu })),
          ...carriers
            .filter(({ mtu }) => mtu < network.mtu + overhead)
            .map((link) => ({ link, mtu: network.mtu + overhead })),
        ]
        return lab.nodes.flatMap(({ name: at }) => {
          const mine = small.filter(({ link }) => link.at === at)
          if (mine.length === 0) return []
          const script = mine
            .map(({ link, mtu }) => `ip ${'space' in link ? `-n ${link.space} ` : ''}link set ${link.name} mtu ${mtu}`)
            .join('; ')
          return [
            {
              about: `${at}/${nameObject(network, own)}`,
              evidence: mine.map(({ link, mtu }) => `${describeLink(link)}; wanted: mtu ${mtu}`),
              next: `./lab ssh ${at} '${script}'`,
              fix: { node: at, script },
            },
          ]
        })
      })
  },
})
