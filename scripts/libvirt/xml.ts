/** Reading libvirt's own descriptions: which domains, networks and pools there are, and whose they are. */

import type { Lab, LibvirtDriver } from '../declaration/lab.ts'

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

/** What makes a domain the lab's; written into `<description>`. */
export const domainMark = (id: string) => `duostack lab ${id}`

const text = (xml: string, tag: string) =>
  new RegExp(`<${tag}(?: [^>]*)?>([^<]*)</${tag}>`).exec(xml)?.[1]?.trim() ?? ''
const blocks = (xml: string, tag: string) => xml.match(new RegExp(`<${tag}[ >][\\s\\S]*?\\n</${tag}>`, 'g')) ?? []

function named(xml: string, mark: string): Owned {
  return { name: text(xml, 'name'), uuid: text(xml, 'uuid'), mark }
}

/** Every domain, network and pool in the descriptions that `virsh dumpxml` and its like printed one after the other. */
export function parseLibvirtXml(xml: string) {
  const unique = <T extends LibvirtObject>(objects: T[]) => [...new Map(objects.map((one) => [one.uuid, one])).values()]
  return {
    domains: unique(
      blocks(xml, 'domain').map((block) => ({
        ...named(block, text(block, 'description')),
        driver: /^<domain[^>]*type='lxc'/.test(block) ? ('lxc' as const) : ('qemu' as const),
        // A running domain has a number.
        running: /^<domain[^>]* id='/.test(block),
        // dumpxml writes KiB, whatever the domain was defined with.
        memoryMiB: Math.round(Number(text(block, 'memory')) / 1024),
        vcpus: Number(text(block, 'vcpu')),
      })),
    ),
    networks: unique(
      blocks(xml, 'network').map((block) => ({
        ...named(block, /<bridge[^>]* name='([^']*)'/.exec(block)?.[1] ?? ''),
        ranges: [...block.matchAll(/<ip address='([\d.]+)'(?: netmask='([\d.]+)')?(?: prefix='(\d+)')?/g)].map(
          ([, address, netmask, prefix]) => `${address}/${prefix ?? prefixOf(netmask ?? '255.255.255.255')}`,
        ),
      })),
    ),
    pools: unique(blocks(xml, 'pool').map((block) => named(block, text(block, 'path')))),
  }
}

function prefixOf(netmask: string): number {
  return netmask.split('.').reduce((sum, octet) => sum + Number(octet).toString(2).replaceAll('0', '').length, 0)
}

/** The lab's own among them. In a private libvirtd everything is the lab's. */
export function parseLibvirtObjects(xml: string, lab: Pick<Lab, 'id' | 'isolation' | 'paths'>) {
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
