/** The server that gives instances their leases. */

import { dhcpNamespace } from '../../../cloud/neutron-names.ts'
import { lookAtUnit } from '../../../cloud/where-to-look.ts'
import { networks } from '../reads/cloud.ts'
import { rule, type ShellRead } from '../rule.ts'

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
  symptom: 'instances boot but get no lease',
  cause:
    'the DHCP agent is running, but its server for this network is not: the namespace, its interface or dnsmasq is missing',
  remedy: 'restart the DHCP agent: it creates them again',
  service: 'neutron',
  reads: { namespaces, networks },
  judge: ({ namespaces: [answer], networks: { networks: known, subnets } }) => {
    if (!answer) return []
    const { at, text } = answer
    const wanted = known.filter(({ id }) => subnets.some((one) => one.network_id === id && one.enable_dhcp))
    return wanted.flatMap(({ id, name }) => {
      const has = (word: string, rest = '') => new RegExp(`^${word} ${id} ${rest}`, 'm').test(text)
      const missing = [
        ...(has('namespace') ? [] : [`namespace ${dhcpNamespace(id)}`]),
        ...(has('up', 'ns-') ? [] : ['an interface that is up']),
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
