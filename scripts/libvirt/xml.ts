/** Parses libvirt's XML: which domains, networks and pools exist, and to whom they belong. */

import { isIPv4 } from 'node:net'
import { XMLParser } from 'fast-xml-parser'
import type { LabHandle, LibvirtDriver } from '../declaration/lab.ts'
import { domainMark } from './domain-name.ts'

/** Random in all its digits or not, which versions of uuids tell apart. */
export const uuidPattern = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

export interface LibvirtObject {
  name: string
  uuid: string
}

export interface LibvirtDomain extends LibvirtObject {
  driver: LibvirtDriver
  running: boolean
  /** What it may use at most; of a running one, what it was started with. */
  memoryMiB: number
  vcpus: number
}

/** An object with what tells its owner: text in which a lab's id stands if it is a lab's. */
interface Owned extends LibvirtObject {
  /** A domain's description, a network's bridge, a pool's folder. */
  mark: string
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  trimValues: false,
  // Numbers of characters too.
  htmlEntities: true,
})

/** Text as it was meant; whoever shows it escapes it in his own way. */
export const readXml = (text: string): unknown => parser.parse(text)

/** All elements below a path of names, however many there are at each step. */
export function elementsAt(node: unknown, ...path: string[]): unknown[] {
  return path.reduce<unknown[]>(
    (nodes, name) => nodes.flatMap((one) => (one as Record<string, unknown> | undefined)?.[name] ?? []),
    [node],
  )
}

/** Of the first element at the path; of an attribute where the last name begins with `@`. Empty if there is none. */
export function textAt(node: unknown, ...path: string[]): string {
  const [found] = elementsAt(node, ...path)
  return String((typeof found === 'object' ? (found as Record<string, unknown>)['#text'] : found) ?? '')
}

function named(node: unknown, ...mark: string[]): Owned {
  return { name: textAt(node, 'name'), uuid: textAt(node, 'uuid'), mark: textAt(node, ...mark) }
}

/** By a domain's type; KVM's are QEMU's too. */
const drivers: Readonly<Record<string, LibvirtDriver>> = { lxc: 'lxc' }

/** Every domain, network and pool in the descriptions that `virsh dumpxml` and its like printed one after the other. */
export function parseLibvirtXml(printed: string) {
  const documents = printed.match(/^<(domain|network|pool)[ >][\s\S]*?^<\/\1>/gm) ?? []
  const nodes = documents.map(readXml)
  const read = <T extends LibvirtObject>(kind: string, of: (node: unknown) => T) => {
    const objects = elementsAt({ nodes }, 'nodes', kind).map(of)
    return [...new Map(objects.map((one) => [one.uuid, one])).values()]
  }
  return {
    domains: read('domain', (node) => ({
      ...named(node, 'description'),
      driver: drivers[textAt(node, '@type')] ?? 'qemu',
      // A running domain has a number.
      running: textAt(node, '@id') !== '',
      // dumpxml writes KiB, whatever the domain was defined with.
      memoryMiB: Math.round(Number(textAt(node, 'memory')) / 1024),
      vcpus: Number(textAt(node, 'vcpu')),
    })),
    networks: read('network', (node) => ({
      ...named(node, 'bridge', '@name'),
      ranges: elementsAt(node, 'ip')
        .filter((ip) => isIPv4(textAt(ip, '@address')))
        .map((ip) => `${textAt(ip, '@address')}/${textAt(ip, '@prefix') || prefixOf(textAt(ip, '@netmask'))}`),
    })),
    pools: read('pool', (node) => named(node, 'target', 'path')),
  }
}

/** Of a single address where no netmask is written. */
function prefixOf(netmask: string): number {
  const octets = (netmask || '255.255.255.255').split('.')
  return octets.reduce((sum, octet) => sum + Number(octet).toString(2).replaceAll('0', '').length, 0)
}

/** The lab's own among them. In a private libvirtd everything is the lab's. */
export function parseLibvirtObjects(xml: string, lab: Pick<LabHandle, 'id' | 'isolation' | 'paths'>) {
  const { domains, networks, pools } = parseLibvirtXml(xml)
  const everything = lab.isolation === 'netns'
  const plain = ({ name, uuid }: LibvirtObject): LibvirtObject => ({ name, uuid })
  return {
    domains: domains
      .filter(({ mark }) => everything || mark.includes(domainMark(lab.id)))
      .map(({ mark: _, ...domain }): LibvirtDomain => domain),
    networks: networks.filter(({ mark }) => everything || mark.startsWith(`${lab.id}-`)).map(plain),
    pools: pools.filter(({ mark }) => everything || `${mark}/`.startsWith(`${lab.paths.data}/`)).map(plain),
  }
}
