/** The instances themselves: whether each was launched, lets its callers in, and answers. */

import { mendServer } from '../../../cloud/failed-server.ts'
import { admits, type ListedRule } from '../../../cloud/group-rules.ts'
import { controllerOf } from '../../../declaration/lab.ts'
import { type FullServer, nameObject, ownServer, ownServerIn, ports, servers } from '../reads/cloud.ts'
import { type CloudRead, rule, type ShellRead } from '../rule.ts'

export const instanceError = rule({
  symptom: 'an instance is in ERROR',
  cause: 'its launch or its last action failed; Nova stores the reason',
  remedy:
    'fix the cause that Nova gives, then hard-reboot the instance; an instance that never ran can only be deleted',
  service: 'nova',
  reads: { servers },
  judge: ({ servers: all }, { own }) =>
    all
      .filter(({ status }) => status === 'ERROR')
      .map((server: FullServer) => ({
        about: nameObject(server, own),
        ofUser: !own.has(server.id),
        evidence: [
          `server ${server.name} (${server.id}): ERROR since ${server.updated}: ${server.fault?.message.trim() ?? 'no reason given'}`,
        ],
        next: mendServer(server),
        explains: [`instance-silent ${nameObject(server, own)}`],
      })),
})

const securityRules: CloudRead<ListedRule[]> = {
  ask: async (cloud) =>
    (await cloud.get<{ security_group_rules: ListedRule[] }>('network', '/v2.0/security-group-rules?direction=ingress'))
      .security_group_rules,
}

export const securityGroupCloses = rule({
  symptom: 'the test instance is ACTIVE and has its lease, but answers neither ping nor ssh',
  cause:
    "its port's security groups do not allow incoming ICMP or TCP 22; the default group allows nothing from outside",
  remedy: "give the port the lab's group again, or add the rules; `./lab up` does both",
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
        evidence: [`port ${port.id} of ${name}: ${mine.length} ingress rules, none allows ${closed.join(' or ')}`],
        next: `./lab openstack port show ${port.id} -c security_group_ids; ./lab up`,
        explains: [`instance-silent ${name}`],
      },
    ]
  },
})

const ping: ShellRead = {
  on: 'host',
  script: (lab) => {
    const address = ownServerIn(lab)?.address
    if (!address) return 'true'
    const seconds = Math.min(lab.timeScale, 6)
    return `ping -n -c 3 -i 0.3 -W ${seconds} ${address} 2>&1 | grep -E 'time=|loss|rror|nreachable'
echo "neighbour $(ip neigh show ${address})"`
  },
}

export const instanceSilent = rule({
  symptom: 'the test instance is ACTIVE, but does not answer ping',
  cause: 'the path to it looks right: it is still booting, it hangs, or a filter on its node drops its frames',
  remedy: 'read its console log; look at the filters on its node',
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
          ? 'it answers ARP, so it is running and connected; a filter, usually on its node, drops the rest'
          : 'it does not answer ARP either: it is still booting, it hangs, or it has a different address',
        evidence: [
          `ping ${own.address}: ${answer.text.split('\n')[0] || 'no answer'}`,
          `ip neigh: ${neighbour || `${own.address} unknown`}`,
        ],
        next: `./lab openstack console log show ${own.id}; ./lab ssh ${server['OS-EXT-SRV-ATTR:host'] ?? controllerOf(lab).name} 'iptables -L FORWARD -nv | head -n 20'`,
      },
    ]
  },
})
