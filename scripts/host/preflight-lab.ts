/** Checks for conflicts with other labs and programs on this machine: ports, address ranges, names, orphans. */

import { containersOfStock } from '../declaration/across-image.ts'
import type { Finding } from '../declaration/errors.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { checkRanges } from './address-ranges.ts'
import type { HostFacts } from './facts.ts'
import type { HostCheck, Wanted } from './host-check.ts'
import { checkOwners } from './owners.ts'

function checkPorts({ ports }: HostFacts, { declaration, living }: Wanted): Finding[] {
  if (living) return []
  return (['dashboard', 'console'] as const)
    .filter((use) => ports.includes(declaration.cloud.ports[use]))
    .map((use) => ({
      where: declaration.places[use],
      given: `port ${declaration.cloud.ports[use]} on 127.0.0.1 is in use by another program`,
      allowed: 'a free port',
      remedy: `find the program: sudo ss -Hltnp sport = :${declaration.cloud.ports[use]}; or set another port`,
    }))
}

/** `--hypervisor lxc` on the command line is not seen by the declaration's own check. */
function checkImage(_: HostFacts, { declaration }: Wanted): Finding[] {
  const { places, stockImage } = declaration
  return stockImage && kindOf(declaration).image === 'tree'
    ? [containersOfStock(places.nodeImage, '--hypervisor lxc')]
    : []
}

/** What a lab left whose checkout is gone: its memory and disk are taken from this one. */
function checkOrphans({ libvirt }: HostFacts, { id, root }: Wanted): Finding[] {
  return libvirt.orphans
    .filter((one) => one !== id && libvirt.owners[one] !== root)
    .map((one) => ({
      where: `/var/lib/duostack/${one}`,
      given: `left by lab ${one}${libvirt.owners[one] ? ` of ${libvirt.owners[one]}, which no longer knows it` : ''}`,
      allowed: 'no remains of removed labs',
      remedy: `./lab down --id ${one}`,
    }))
}

/** A second lab in one checkout would lack the first one's memory, and the first one would be forgotten. */
function checkOwnLab({ libvirt }: HostFacts, { id, root }: Wanted): Finding[] {
  return libvirt.orphans
    .filter((one) => one !== id && libvirt.owners[one] === root)
    .map((one) => ({
      where: '.lab/lab.json',
      given: `missing or replaced: lab ${one} of this checkout is still on this machine`,
      allowed: 'one lab per checkout',
      remedy: `./lab down --id ${one}, or restore the file from a copy`,
    }))
}

const otherLabs = ({ libvirt }: HostFacts, { id }: Wanted) =>
  Object.keys(libvirt.owners).filter((one) => one !== id && !libvirt.orphans.includes(one))

export const labChecks: readonly HostCheck[] = [
  {
    what: 'node image',
    findings: checkImage,
    seen: (_, { declaration: { stockImage } }) => stockImage?.source ?? "the lab's own image",
  },
  {
    what: 'ports',
    findings: checkPorts,
    seen: (_, { declaration, living }) => {
      const { dashboard, console } = declaration.cloud.ports
      return `${dashboard} and ${console} on 127.0.0.1 are ${living ? "the lab's" : 'free'}`
    },
  },
  {
    what: 'address ranges',
    findings: checkRanges,
    seen: (_, { declaration, isolation }) => {
      const ranges = [declaration.networks.management, declaration.networks.provider].map(({ cidr }) => cidr)
      const why = isolation === 'netns' ? 'in a network namespace, separate from all others' : 'not used here'
      return `${ranges.join(' and ')}: ${why}`
    },
  },
  {
    what: 'lab name',
    findings: checkOwners,
    seen: (_, { declaration }) => `no other lab is called ${declaration.name}`,
  },
  { what: "this checkout's lab", findings: checkOwnLab, seen: (_, { id }) => id ?? 'none yet' },
  {
    what: 'other labs',
    findings: checkOrphans,
    seen: (facts, wanted) => {
      const labs = otherLabs(facts, wanted)
      return labs.length ? labs.map((one) => `${one} of ${facts.libvirt.owners[one]}`).join(', ') : 'none'
    },
    advice: true,
  },
]
