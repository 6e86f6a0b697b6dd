/** Checks across the values of the networks: subnets, addresses within them, VLAN ids; and across the ports. */

import { isUsable, overlap, parseAddress, parseSubnet, type Subnet, spanOf } from './addresses.ts'
import type { Checked, Field } from './check.ts'
import type { Finding } from './errors.ts'
import { flatNetwork, selfServiceNetwork } from './provider-network.ts'

/** Values that are invalid on their own are skipped here: they already have a finding. */
export function checkNetworks(all: Checked<unknown>): Finding[] {
  return [
    ...checkOverlaps(all),
    ...checkProjectNetwork(all),
    ...checkHostAddress(all, 'lab_management_network'),
    ...checkHostAddress(all, 'lab_provider_network'),
    ...checkHostAddress(all, 'lab_vlan_network'),
    ...checkPool(all, 'lab_provider_network'),
    ...checkPool(all, 'lab_vlan_network'),
    ...checkVlanName(all),
    ...checkVlans(all),
    ...checkPorts(all),
  ]
}

function finding(field: Field<unknown>, allowed: string, given = field.given): Finding {
  return { where: field.where, given, allowed }
}

function subnetOf(all: Checked<unknown>, network: string): { field: Field<string>; subnet: Subnet } | undefined {
  const field = all.field<string>(network, 'cidr')
  const subnet = field && parseSubnet(field.value)
  return subnet && { field, subnet }
}

function checkOverlaps(all: Checked<unknown>): Finding[] {
  const networks = ['lab_management_network', 'lab_provider_network', 'lab_vlan_network'].flatMap((name) => {
    const found = subnetOf(all, name)
    return found ? [{ name, ...found }] : []
  })
  return networks.flatMap((later, index) =>
    networks
      .slice(0, index)
      .filter((earlier) => overlap(earlier.subnet, later.subnet))
      .map((earlier) =>
        finding(later.field, `a subnet that does not overlap ${earlier.name} (${earlier.field.value})`),
      ),
  )
}

/** A router refuses two subnets of one range, and an instance would look for the other one's addresses beside it. */
function checkProjectNetwork(all: Checked<unknown>): Finding[] {
  if (all.field<string>('lab_networking')?.value !== 'self-service') return []
  const { name, cidr } = selfServiceNetwork
  return ['lab_management_network', 'lab_provider_network', 'lab_vlan_network'].flatMap((network) => {
    const found = subnetOf(all, network)
    if (!found || !overlap(found.subnet, parseSubnet(cidr)!)) return []
    return [
      finding(
        found.field,
        `a subnet that does not overlap ${cidr}, the network ${name} of lab_networking: self-service`,
      ),
    ]
  })
}

function checkHostAddress(all: Checked<unknown>, network: string): Finding[] {
  const subnet = subnetOf(all, network)?.subnet
  const host = all.field<string>(network, 'host_address')
  if (!subnet || !host || isUsable(subnet, parseAddress(host.value)!)) return []
  return [finding(host, `an address in ${network}.cidr: ${spanOf(subnet)}`)]
}

/** What uses an address of each pool at the same time. */
const takers: Readonly<Record<string, readonly string[]>> = {
  lab_provider_network: [
    "Neutron's DHCP",
    'the test instance',
    'the instance that ./lab trace or ./lab verify --volumes launches beside it',
  ],
  lab_vlan_network: ["Neutron's DHCP", 'the test instance'],
}

/** In a self-service lab, besides. */
const selfServiceTakers = ['the router', 'the floating IP']

function takersOf(all: Checked<unknown>, network: string): readonly string[] {
  const routed = network === 'lab_provider_network' && all.field<string>('lab_networking')?.value === 'self-service'
  return [...takers[network]!, ...(routed ? selfServiceTakers : [])]
}

function checkPool(all: Checked<unknown>, network: string): Finding[] {
  const subnet = subnetOf(all, network)?.subnet
  const [start, end, host] = ['pool_start', 'pool_end', 'host_address'].map((key) => all.field<string>(network, key))
  const bounds = [start, end].flatMap((field) => (field ? [field] : []))
  const outside = subnet ? bounds.filter(({ value }) => !isUsable(subnet, parseAddress(value)!)) : []
  if (subnet && outside.length > 0) {
    return outside.map((field) => finding(field, `an address in ${network}.cidr: ${spanOf(subnet)}`))
  }
  if (!start || !end) return []
  const [first, last] = [parseAddress(start.value)!, parseAddress(end.value)!]
  if (first > last) return [finding(end, `an address not before pool_start (${start.value})`)]
  const own = host && parseAddress(host.value)!
  const given = `${start.given} to ${end.value}`
  if (own !== undefined && own >= first && own <= last) {
    return [finding(start, `a pool without host_address (${host!.value})`, given)]
  }
  const [size, needed] = [last - first + 1, takersOf(all, network)]
  if (size >= needed.length) return []
  const counted = size === 1 ? '1 address' : `${size} addresses`
  return [
    {
      where: end.where,
      given: `${given}, ${counted}`,
      allowed: `${needed.length} addresses or more: one each for ${needed.join(', ')}`,
      remedy: 'move pool_end up, or pool_start down; each further instance takes one more',
    },
  ]
}

function checkVlanName(all: Checked<unknown>): Finding[] {
  const name = all.field<string>('lab_vlan_network', 'name')
  if (name?.value !== flatNetwork) return []
  return [finding(name, `a name other than ${flatNetwork}, which lab_provider_network has in OpenStack`)]
}

function checkVlans(all: Checked<unknown>): Finding[] {
  const first = all.field<number>('lab_tenant_vlans', 'first')
  const last = all.field<number>('lab_tenant_vlans', 'last')
  const vlanId = all.field<number>('lab_vlan_network', 'vlan_id')
  if (!first || !last) return []
  if (first.value > last.value) return [finding(last, `a VLAN ID not below first (${first.value})`)]
  if (!vlanId || vlanId.value < first.value || vlanId.value > last.value) return []
  return [finding(vlanId, `a VLAN ID outside lab_tenant_vlans (${first.value} to ${last.value})`)]
}

function checkPorts(all: Checked<unknown>): Finding[] {
  const dashboard = all.field<number>('lab_open_ports', 'dashboard')
  const console = all.field<number>('lab_open_ports', 'console')
  if (!dashboard || !console || dashboard.value !== console.value) return []
  return [finding(console, `a port other than the dashboard's (${dashboard.value})`)]
}
