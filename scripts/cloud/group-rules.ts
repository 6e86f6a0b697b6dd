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

/** Whether a rule lets this in from everywhere. */
export function admits(one: ListedRule, protocol: string, port?: number): boolean {
  const everywhere = !one.remote_group_id && (!one.remote_ip_prefix || one.remote_ip_prefix === '0.0.0.0/0')
  const inRange =
    port === undefined ||
    one.port_range_min === null ||
    (one.port_range_min <= port && port <= (one.port_range_max ?? port))
  return one.ethertype === 'IPv4' && everywhere && (!one.protocol || one.protocol === protocol) && inRange
}
