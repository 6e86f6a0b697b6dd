/**
 * Finds objects that have this lab's name but belong to somebody else: another checkout's lab, or made by hand. They
 * are never touched.
 */

import type { Finding } from '../declaration/errors.ts'
import { domainMark } from '../libvirt/domain-name.ts'
import type { HostFacts } from './facts.ts'
import type { Wanted } from './host-check.ts'

/** A private libvirtd holds nothing but its own lab's objects; only in the system's can names meet. */
export function checkOwners({ libvirt }: Pick<HostFacts, 'libvirt'>, wanted: Wanted): Finding[] {
  const { declaration, isolation, id } = wanted
  if (isolation === 'netns') return []
  const foreign = (own: (mark: string) => boolean, kind: string) => (object: { name: string; mark: string }) =>
    object.name.startsWith(`${declaration.name}-`) && !(id && own(object.mark))
      ? [`${kind} ${object.name}${ownerOf(object.mark, libvirt.owners)}`]
      : []
  const clashes = [
    ...libvirt.domains.flatMap(foreign((mark) => mark.includes(domainMark(id!)), 'domain')),
    ...libvirt.networks.flatMap(foreign((mark) => mark.startsWith(`${id}-`), 'network')),
    ...libvirt.pools.flatMap(foreign((mark) => mark.includes(`/${id}`), 'pool')),
  ]
  if (clashes.length === 0) return []
  return [
    {
      where: declaration.places.name,
      given: `${declaration.name}, but there are already: ${clashes.join(', ')}`,
      allowed: 'a name that no other lab on this machine uses',
      remedy: 'change lab_name, or remove the other lab with ./lab down in its checkout, or set lab_isolation: netns',
    },
  ]
}

/** The lab whose it is, and its checkout, as far as the object and this machine tell. */
function ownerOf(mark: string, owners: Readonly<Record<string, string>>): string {
  const id = [/duostack lab ([0-9a-f]{8})/, /^([0-9a-f]{8})-/, /\/([0-9a-f]{8})(?:\/|$)/]
    .map((pattern) => pattern.exec(mark)?.[1])
    .find((found) => found !== undefined)
  if (id === undefined) return ' (of no lab)'
  return owners[id] ? ` (lab ${id} of ${owners[id]})` : ` (lab ${id})`
}
