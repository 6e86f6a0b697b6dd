/** The way of a frame between this machine and an instance: interfaces, bridges, taps, MTU, rules; then the ping itself. */

import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { controllerOf, type Lab } from '../../declaration/lab.ts'
import { readState } from '../../host/terraform-state.ts'
import { physicalNetwork, providerInterface } from '../../services/neutron-config.ts'
import { bridgeName, networks, ownServer, ports, servers, tapName } from '../reads/cloud.ts'
import { describeLink, hostLinks, type Link, nodeLinks, parseLinks } from '../reads/links.ts'
import { type CloudRead, rule, type ShellRead } from '../rule.ts'

/** Nodes without Neutron have no use for the interface. */
const carriesPorts = (lab: Lab, name: string) =>
  lab.nodes.some((node) => node.name === name && node.roles.some((role) => role !== 'storage'))

export const providerDown = rule({
  symptom: 'instances of one node are reached by nobody; or no instance gets a lease',
  cause: `${providerInterface} of the node is down or gone, and with it the wire to the provider network`,
  remedy: 'set it up again',
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
  symptom: 'instances ask for a lease and get none; ping reaches nobody on one node',
  cause: `${providerInterface} is not in Neutron's bridge of the provider network, so its frames end there`,
  remedy: 'put it into the bridge',
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
  symptom: 'one instance is reached by nobody, the others are',
  cause: "the interface of its port is down or not in Neutron's bridge on its node",
  remedy: 'put it back; a hard reboot of the instance does the same',
  service: 'neutron',
  reads: { links: nodeLinks, ports, servers },
  judge: ({ links: answers, ports: known, servers: instances }) => {
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
          about: server.name,
          evidence: [link ? `${describeLink(link)}; wanted: UP in ${bridge}` : `${at}: there is no ${tap}`],
          next: link ? `./lab ssh ${at} ${script}` : `./lab openstack server reboot --hard ${server.id}`,
          ...(link ? { fix: { node: at, script } } : {}),
          explains: [`instance-silent ${server.name}`],
        },
      ]
    })
  },
})

export const mtuDiffers = rule({
  symptom: 'ping works, but ssh and downloads hang',
  cause: 'an interface on the way takes smaller frames than the others, and drops what is larger',
  remedy: 'give all of them one MTU',
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
    evidence: [`${describeLink(link)}; the others on this wire: mtu ${mtu}`],
    next: link.at === 'host' ? `./lab exec -- sudo ${script}` : `./lab ssh ${link.at} ${script}`,
    fix: link.at === 'host' ? { host: script } : { node: link.at, script },
  }
}

interface Rule {
  security_group_id: string
  direction: string
  ethertype: string
  protocol: string | null
  port_range_min: number | null
  port_range_max: number | null
  remote_ip_prefix: string | null
  remote_group_id: string | null
}

const securityRules: CloudRead<Rule[]> = {
  ask: async (cloud) =>
    (await cloud.get<{ security_group_rules: Rule[] }>('network', '/v2.0/security-group-rules?direction=ingress'))
      .security_group_rules,
}

/** Whether a rule lets this in from everywhere. */
function admits(one: Rule, protocol: string, port?: number): boolean {
  const everywhere = !one.remote_group_id && (!one.remote_ip_prefix || one.remote_ip_prefix === '0.0.0.0/0')
  const inRange =
    port === undefined ||
    one.port_range_min === null ||
    (one.port_range_min <= port && port <= (one.port_range_max ?? port))
  return one.ethertype === 'IPv4' && everywhere && (!one.protocol || one.protocol === protocol) && inRange
}

export const securityGroupCloses = rule({
  symptom: 'the test instance is ACTIVE and has its lease, but neither ping nor ssh gets in',
  cause: "its port's security groups do not let ICMP or TCP 22 in; the default group lets nothing in from outside",
  remedy: 'give the port its own group again, or add the rules: `./lab up` puts both right',
  service: 'neutron',
  reads: { securityRules, ports, own: ownServer },
  judge: ({ securityRules: rules, ports: known, own }, { lab }) => {
    const port = own && known.find(({ device_id }) => device_id === own.id)
    if (!port) return []
    const mine = rules.filter(({ security_group_id }) => port.security_groups.includes(security_group_id))
    const closed = [
      ...(mine.some((one) => admits(one, 'icmp')) ? [] : ['ICMP']),
      ...(mine.some((one) => admits(one, 'tcp', 22)) ? [] : ['TCP 22']),
    ]
    if (closed.length === 0) return []
    const { name } = lab.cloud.server
    return [
      {
        about: name,
        evidence: [
          `port ${port.id} of ${name}: ${mine.length} rules for what comes in; none lets in ${closed.join(' or ')}`,
        ],
        next: `./lab openstack port show ${port.id} -c security_group_ids; ./lab up`,
        explains: [`instance-silent ${name}`],
      },
    ]
  },
})

/** The state is asked, not the cloud: a shell read cannot wait for the cloud's answer. */
function ownAddress(lab: Lab): string {
  const found = readState(lab, 'cloud').find(
    ({ type, tainted }) => type === 'openstack_compute_instance_v2' && !tainted,
  )
  return String(found?.attributes['access_ip_v4'] ?? '')
}

const ping: ShellRead = {
  on: 'host',
  script: (lab) => {
    const address = ownAddress(lab)
    if (!address) return 'true'
    const seconds = Math.min(lab.timeScale, 6)
    return `ping -n -c 3 -i 0.3 -W ${seconds} ${address} 2>&1 | grep -E 'time=|loss|rror|nreachable'
echo "neighbour $(ip neigh show ${address})"`
  },
}

export const instanceSilent = rule({
  symptom: 'the test instance is ACTIVE, but does not answer ping',
  cause: 'everything on the way looks right: it is still booting, hangs, or a filter on its node drops its frames',
  remedy: 'read its console; look at the filters of its node',
  service: 'neutron',
  reads: { ping, own: ownServer, servers },
  judge: ({ ping: [answer], own, servers: all }, { lab }) => {
    const server = all.find(({ id }) => id === own?.id)
    if (!own || !answer || server?.status !== 'ACTIVE' || /time=/.test(answer.text)) return []
    const { name } = lab.cloud.server
    const neighbour = /^neighbour (.*)$/m.exec(answer.text)?.[1] ?? ''
    const answersArp = / lladdr /.test(neighbour) && !/FAILED|INCOMPLETE/.test(neighbour)
    return [
      {
        about: name,
        cause: answersArp
          ? 'it answers ARP, so it runs and its wire is whole; a filter, mostly on its node, drops the rest'
          : 'it does not answer ARP either: it is still booting, hangs, or has another address than the planned one',
        evidence: [
          `ping ${own.address}: ${answer.text.split('\n')[0] || 'no answer'}`,
          `ip neigh: ${neighbour || `${own.address} unknown`}`,
        ],
        next: `./lab openstack console log show ${name}; ./lab ssh ${server['OS-EXT-SRV-ATTR:host'] ?? controllerOf(lab).name} 'iptables -L FORWARD -nv | head -n 20'`,
      },
    ]
  },
})

const namespaces: ShellRead = {
  on: 'controller',
  script: () => `
for namespace in $(ip netns list | awk '/^qdhcp-/ {print $1}'); do
  echo "namespace \${namespace#qdhcp-} $(ip -n $namespace -o -4 address show | awk '$2 != "lo" {print $4}' | xargs | tr ' ' ,)"
  ip -n $namespace -o link show up | awk -v id="\${namespace#qdhcp-}" '$2 ~ /^ns-/ {print "up", id, $2}'
  for pid in $(ip netns pids $namespace); do echo "process \${namespace#qdhcp-} $(cat /proc/$pid/comm)"; done
done`,
}

export const dhcpMissing = rule({
  symptom: 'instances boot, but get no lease',
  cause:
    'the DHCP agent runs, but its server for this network does not: its namespace, its interface or its dnsmasq is gone',
  remedy: 'restart the DHCP agent: it makes them anew',
  service: 'neutron',
  reads: { namespaces, networks },
  judge: ({ namespaces: [answer], networks: { networks: known, subnets } }) => {
    if (!answer) return []
    const { at, text } = answer
    const wanted = known.filter(({ id }) => subnets.some((one) => one.network_id === id && one.enable_dhcp))
    return wanted.flatMap(({ id, name }) => {
      const has = (word: string, rest = '') => new RegExp(`^${word} ${id} ${rest}`, 'm').test(text)
      const missing = [
        ...(has('namespace') ? [] : [`namespace qdhcp-${id}`]),
        ...(has('up', 'ns-') ? [] : ['its interface, up']),
        ...(has('process', 'dnsmasq') ? [] : ['dnsmasq']),
      ]
      if (missing.length === 0) return []
      return [
        {
          about: name,
          evidence: [`${at}: network ${name}: missing: ${missing.join(', ')}`],
          next: lookAtUnit(at, 'neutron-dhcp-agent', '/var/log/neutron/neutron-dhcp-agent.log'),
          fix: { node: at, script: 'systemctl restart neutron-dhcp-agent' },
        },
      ]
    })
  },
})
