/** Compares the lab's address ranges with those that this machine already uses, and proposes a free one. */

import { overlap, parseSubnet, type Subnet } from '../declaration/addresses.ts'
import type { Finding } from '../declaration/errors.ts'
import { kindOf } from '../nodes/kind-of.ts'
import type { HostFacts } from './facts.ts'
import type { Wanted } from './host-check.ts'

interface Taken {
  subnet: Subnet
  range: string
  /** What uses it, in words. */
  by: string
}

/** What routes and other libvirt networks take; the lab's own bridges do not count. */
function takenRanges({ routes, libvirt }: Pick<HostFacts, 'routes' | 'libvirt'>, id?: string): Taken[] {
  const ours = (name: string) => id !== undefined && name.startsWith(`${id}-`)
  const all = [
    ...routes
      .filter(({ device }) => !ours(device))
      .map(({ range, device }) => ({ range, by: `this host's route by ${device}` })),
    ...libvirt.networks
      .filter(({ mark }) => !ours(mark))
      .flatMap(({ name, ranges }) => ranges.map((range) => ({ range, by: `libvirt network ${name}` }))),
  ]
  return all.flatMap(({ range, by }) => {
    const subnet = parseSubnet(range)
    return subnet && subnet.prefixLength > 0 ? [{ subnet, range, by }] : []
  })
}

/** In a namespace of its own a lab meets none of the host's ranges. */
export function checkRanges(facts: Pick<HostFacts, 'routes' | 'libvirt'>, wanted: Wanted): Finding[] {
  const { declaration, isolation, id } = wanted
  if (isolation === 'netns') return []
  const taken = takenRanges(facts, id)
  const { management, provider, vlan } = declaration.networks
  const declared = [
    { name: 'management' as const, cidr: management.cidr },
    { name: 'provider' as const, cidr: provider.cidr },
    // Containers seldom have it, and then this machine has no address in it either.
    ...(vlan && !kindOf(declaration).sharesHost ? [{ name: 'vlan' as const, cidr: vlan.cidr }] : []),
  ]
  const findings: Finding[] = []
  const proposed: Subnet[] = declared.map(({ cidr }) => parseSubnet(cidr)).filter((subnet) => subnet !== undefined)
  for (const { name, cidr } of declared) {
    const subnet = parseSubnet(cidr)
    const clash = subnet && taken.find((one) => overlap(one.subnet, subnet))
    if (!clash) continue
    const free = proposeRange([...taken.map((one) => one.subnet), ...proposed])
    if (free) proposed.push(parseSubnet(free)!)
    findings.push({
      where: declaration.places[name],
      given: `${cidr} overlaps ${clash.range} (${clash.by})`,
      allowed: 'a range that this machine does not use',
      remedy: `${free ? `${free} is free here` : 'choose another range'}; or set lab_isolation: netns`,
    })
  }
  return findings
}

/** Private ranges of 256 addresses, the least used by home routers first. */
const candidates = [
  ...Array.from({ length: 16 }, (_, index) => `172.${16 + index}.77.0/24`),
  ...Array.from({ length: 256 }, (_, index) => `10.${index}.77.0/24`),
  ...Array.from({ length: 256 }, (_, index) => `192.168.${index}.0/24`),
]

/** The first candidate that overlaps none of the taken; undefined if all do. */
export function proposeRange(taken: readonly Subnet[]): string | undefined {
  return candidates.find((cidr) => !taken.some((one) => overlap(one, parseSubnet(cidr)!)))
}
