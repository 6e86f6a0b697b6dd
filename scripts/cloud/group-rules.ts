/** What the lab's security group lets in: ping and ssh, from everywhere. */

interface GroupRule {
  /** Its construct in the stack `cloud`. */
  key: string
  protocol: 'icmp' | 'tcp'
  port?: number
}

export const groupRules: readonly GroupRule[] = [
  { key: 'allow_icmp', protocol: 'icmp' },
  { key: 'allow_ssh', protocol: 'tcp', port: 22 },
]

/** As Neutron lists a rule. */
export interface ListedRule {
  id: string
  security_group_id: string
  direction: string
  ethertype: string
  protocol: string | null
  port_range_min: number | null
  port_range_max: number | null
  remote_ip_prefix: string | null
  remote_group_id: string | null
}

/** Neutron makes a rule once in each group, whoever asks and whatever its description: 409. */
export function isGroupRule(rule: ListedRule): boolean {
  const anywhere = !rule.remote_group_id && (!rule.remote_ip_prefix || rule.remote_ip_prefix === '0.0.0.0/0')
  return (
    rule.direction === 'ingress' &&
    rule.ethertype === 'IPv4' &&
    anywhere &&
    groupRules.some(
      ({ protocol, port = null }) =>
        rule.protocol === protocol && rule.port_range_min === port && rule.port_range_max === port,
    )
  )
}
