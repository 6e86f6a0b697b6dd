/** From this machine to the nodes: libvirt, the domains, the bridges' addresses, routes, and whether ssh gets in. */

import { controllerOf, type Lab } from '../../../declaration/lab.ts'
import { domainName } from '../../../libvirt/domain-name.ts'
import { listDomains, parseDomains } from '../../../libvirt/domain-states.ts'
import { ensureLibvirtd } from '../../../libvirt/libvirtd.ts'
import { virshHint, virshInShell, virshText } from '../../../libvirt/virsh.ts'
import { describeLink, hostLinks, labBridges, parseLinks } from '../reads/links.ts'
import { rule, type ShellRead } from '../rule.ts'

const domains: ShellRead = {
  on: 'host',
  // Where sudo would ask for a password, libvirt counts as silent and the answer says why.
  script: listDomains,
}

/** What is seen elsewhere of a node that does not run or answer. */
function withoutNode(lab: Lab, name: string): string[] {
  const everywhere =
    name === controllerOf(lab).name ? ['broker-unreachable', 'clock-adrift', 'agent-dead', 'compute-down'] : []
  const here = ['node-silent', 'api-silent', 'agent-dead', 'compute-down', 'volume-driver'].map(
    (rule) => `${rule} ${name}`,
  )
  return [...here, ...everywhere, 'instance-silent']
}

const answered = (text: string) => /^answered$/m.test(text)

export const libvirtSilent = rule({
  symptom: 'libvirt does not answer: nodes cannot be listed, started or removed',
  cause:
    "the lab's libvirtd has exited or hangs, has not been started since this machine booted, or was started before one of its drivers was installed",
  remedy: 'restart it; running nodes are not affected',
  reads: { domains },
  judge: ({ domains: [answer] }, { lab }) =>
    answer && !answered(answer.text)
      ? [
          {
            about: 'host',
            evidence: [answer.text.trim().split('\n').at(-1) || `${lab.libvirtUri} does not answer`],
            next: lab.isolation === 'netns' ? './lab doctor --fix' : 'sudo systemctl restart libvirtd',
            fix: { work: (lab: Lab) => ensureLibvirtd(lab) },
          },
        ]
      : [],
})

export const nodeNotRunning = rule({
  symptom: 'a node does not answer, because its domain is not running',
  cause:
    'it was shut down or paused by hand, stopped by a reboot of this machine or by lack of memory, or never created',
  remedy: 'resume it if it is paused; otherwise `./lab up` starts or creates it and keeps its disks',
  reads: { domains },
  judge: ({ domains: [answer] }, { lab }) => {
    if (!answer || !answered(answer.text)) return []
    const known = parseDomains(answer.text)
    return lab.nodes.flatMap(({ name }) => {
      const domain = domainName(lab, name)
      const state = known.get(domain) ?? 'absent'
      if (state === 'running') return []
      return [
        {
          about: name,
          evidence: [`${virshText('list', '--all')}: ${domain} ${state}`],
          next: state === 'paused' ? virshHint('resume', domain) : './lab up',
          ...(state === 'paused' ? { fix: { host: virshInShell(lab.libvirtUri, 'resume', domain) } } : {}),
          explains: withoutNode(lab, name),
        },
      ]
    })
  },
})

export const hostAddressMissing = rule({
  symptom: 'this machine can reach neither nodes nor instances, although they are running',
  cause:
    "the lab's bridge on this machine is down or has lost its address, often because of a network manager or a restart of networking",
  remedy: 'bring the bridge up and give it its address again',
  reads: { links: hostLinks },
  judge: ({ links }, { lab }) => {
    const all = parseLinks(links)
    if (all.length === 0) return []
    return labBridges(lab).flatMap(({ bridge, hostAddress, prefixLength }) => {
      const wanted = `${hostAddress}/${prefixLength}`
      const link = all.find(({ name }) => name === bridge)
      if (link?.up && link.addresses.includes(wanted)) return []
      const repair = `ip link set ${bridge} up && ip address replace ${wanted} dev ${bridge}`
      return [
        {
          about: bridge,
          evidence: [link ? `${describeLink(link)}; wanted: UP ${wanted}` : `there is no interface ${bridge}`],
          next: link ? `./lab exec -- sudo sh -c '${repair}'` : './lab up',
          ...(link ? { fix: { host: repair } } : {}),
          explains:
            bridge === lab.networks.management.bridge
              ? ['route-elsewhere', 'node-silent', 'api-silent']
              : ['route-elsewhere provider', 'instance-silent'],
        },
      ]
    })
  },
})

const routes: ShellRead = {
  on: 'host',
  script: (lab) =>
    [...lab.nodes.map(({ address }) => address), lab.providerPool.start]
      .map((address) => `echo "route ${address} $(ip -o route get ${address} 2>&1)"`)
      .join('\n'),
}

export const routeElsewhere = rule({
  symptom: 'nodes or instances time out, or another machine answers at their address',
  cause: "another network of this machine uses the lab's range: a VPN, a container network, a route added by hand",
  remedy:
    'stop the other network or remove its route; or remove the lab and give it another range in `ansible-vars/group_vars/all.yml`',
  reads: { routes },
  judge: ({ routes: [answer] }, { lab }) => {
    const targets = [
      ...lab.nodes.map(({ name, address }) => ({ name, address, bridge: lab.networks.management.bridge })),
      { name: 'provider', address: lab.providerPool.start, bridge: lab.networks.provider.bridge },
    ]
    return targets.flatMap(({ name, address, bridge }) => {
      const line = answer?.text.split('\n').find((one) => one.startsWith(`route ${address} `))
      const device = / dev (\S+)/.exec(line ?? '')?.[1]
      if (!line || device === bridge) return []
      return [
        {
          about: name,
          evidence: [`ip route get ${address}: ${line.split(' ').slice(2).join(' ').trim()}; wanted: dev ${bridge}`],
          next: `./lab exec -- ip route show match ${address}`,
          explains: name === 'provider' ? ['instance-silent'] : [`node-silent ${name}`, 'api-silent'],
        },
      ]
    })
  },
})

/** ssh's own words, and what they mean here. */
const complaints: readonly (readonly [RegExp, string])[] = [
  [/refused/i, 'the node is up but no sshd listens: the service was stopped, or the node is still booting'],
  [
    /host key|identification has changed/i,
    'the node presents a different host key from the one that the lab pinned: it is not the node that this lab created',
  ],
  [/permission denied/i, "the node does not accept the lab's key: /root/.ssh/authorized_keys was changed"],
  [/timed out|timeout|no answer|no route/i, 'no reply: its eth0 is down or has lost its address, or the node hangs'],
]

export const nodeSilent = rule({
  symptom: 'a node is running, but ssh cannot log in',
  cause: 'its sshd, its address or its keys are not as the lab configured them',
  remedy: `open its console, which needs no network: \`${virshHint('console', 'DOMAIN')}\``,
  reads: {},
  judge: (_, { lab, silent }) =>
    lab.nodes.flatMap(({ name }) => {
      const why = silent.get(name)
      if (why === undefined) return []
      const cause = complaints.find(([pattern]) => pattern.test(why))?.[1]
      return [
        {
          about: name,
          evidence: [`ssh ${name}: ${why}`],
          next: virshHint('console', domainName(lab, name)),
          ...(cause ? { cause } : {}),
          explains: withoutNode(lab, name),
        },
      ]
    }),
})

const dhcpServers: ShellRead = { on: 'host', script: () => "ss -Hlunp 'sport = :67'" }

export const foreignDhcp = rule({
  symptom: 'instances get a wrong lease, or one that Neutron does not know',
  cause: "another DHCP server on this machine listens on the lab's provider bridge and answers before Neutron's",
  remedy: 'stop it, or keep it off the bridge (dnsmasq: `except-interface`)',
  service: 'neutron',
  reads: { dhcpServers },
  judge: ({ dhcpServers: [answer] }, { lab }) => {
    const { bridge, hostAddress } = lab.networks.provider
    // In the lab's own namespace a server on all addresses is on the bridge; on an ordinary machine most name theirs.
    const places = [`%${bridge}:67`, `${hostAddress}:67`, ...(lab.isolation === 'netns' ? ['0.0.0.0:67', '*:67'] : [])]
    return (answer?.text.split('\n') ?? [])
      .filter((line) => places.some((place) => line.includes(place)))
      .map((line) => ({
        about: bridge,
        evidence: [line.trim().replaceAll(/\s+/g, ' ')],
        next: "./lab exec -- ss -lunp 'sport = :67'",
      }))
  },
})
