import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readXml } from '../../scripts/libvirt/xml.ts'
import { renderMachine, renderPool } from '../../scripts/nodes/vm-xml.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab, fixtureNode, fixtureStockImage } from '../fixtures/lab.ts'

/** What libvirt printed of a lab that Terraform's provider had made. */
const printed = (name: string) => readFileSync(join(import.meta.dirname, 'from-libvirt', `${name}.xml`), 'utf8')

function builtLab() {
  const ssh = join(temporaryFolder(), 'ssh')
  mkdirSync(ssh)
  const key = 'AAAAC3NzaC1lZDI1NTE5AAAAII6nkUS6OMkLqqfc7r69OcagU1ZQMsCoggCdDE+alux6'
  writeFileSync(join(ssh, 'id_ed25519.pub'), `ssh-ed25519 ${key} duostack\n`)
  const base = fixtureLab('qemu', { id: 'e9591e80', isolation: 'netns' })
  const macs = (management: string, provider: string) => ({ macs: { management, provider } })
  return {
    ...base,
    paths: { ...base.paths, ssh, data: '/var/lib/duostack/e9591e80' },
    nodes: [
      fixtureNode('controller', 11, {
        ...macs('52:54:00:E1:9D:A7', '52:54:00:08:95:38'),
        memoryMiB: 6144,
        volumeDiskGiB: 10,
      }),
      fixtureNode('compute1', 31, { ...macs('52:54:00:00:16:BF', '52:54:00:11:F2:F2'), memoryMiB: 3072 }),
    ],
  }
}

type Tree = string | Tree[] | { [name: string]: Tree }

/** Without the space between elements. */
function tree(xml: string): Tree {
  const clean = (node: unknown): Tree => {
    if (Array.isArray(node)) return node.map(clean)
    if (typeof node !== 'object' || node === null) return String(node).trim()
    const kept = Object.entries(node).filter(([name, value]) => name !== '#text' || String(value).trim() !== '')
    return Object.fromEntries(kept.map(([name, value]) => [name, clean(value)]))
  }
  return clean(readXml(xml))
}

/** Paths in `all` that `own` does not have. */
function added(all: Tree, own: Tree | undefined, path = ''): string[] {
  if (own === undefined) return [path]
  if (typeof all === 'string') return []
  const inOwn = (name: string) => (typeof own === 'string' ? undefined : (own as Record<string, Tree>)[name])
  return Object.entries(all).flatMap(([name, value]) =>
    added(value, inOwn(name), Array.isArray(all) ? path : `${path}/${name}`),
  )
}

const uuidIn = (xml: string) => /<uuid>(.*)<\/uuid>/.exec(xml)![1]!

describe('what an imported machine is defined from', () => {
  test.each(['controller', 'compute1'])('is what the provider made of %s, but for what libvirt adds', (name) => {
    const [lab, real] = [builtLab(), printed(name)]
    const node = lab.nodes.find((one) => one.name === name)!
    // Other words for the same.
    const own = renderMachine(lab, node, uuidIn(real))
      .replace("machine='pc'", "machine='pc-i440fx-7.2'")
      .replace(/<memory unit='MiB'>(\d+)/, (_, mib) => `<memory unit='KiB'>${Number(mib) * 1024}`)
      .replace(/<mac address='.*'/g, (mac) => mac.toLowerCase())
    expect(tree(real)).toMatchObject(tree(own) as object)
    expect([...new Set(added(tree(real), tree(own)))].sort()).toEqual([
      '/domain/clock',
      '/domain/cpu',
      '/domain/currentMemory',
      '/domain/devices/audio',
      '/domain/devices/controller',
      '/domain/devices/disk/address',
      '/domain/devices/emulator',
      '/domain/devices/input',
      '/domain/devices/interface/address',
      '/domain/devices/memballoon',
      '/domain/devices/rng/address',
      '/domain/devices/serial',
      '/domain/on_crash',
      '/domain/on_poweroff',
      '/domain/on_reboot',
      '/domain/os/boot',
    ])
  })

  test('is the pool, but for its sizes and modes', () => {
    const own = renderPool(builtLab(), uuidIn(printed('pool')))
    expect(tree(printed('pool'))).toMatchObject(tree(own) as object)
    expect(added(tree(printed('pool')), tree(own)).map((path) => path.split('/').at(-1))).toEqual([
      'capacity',
      'allocation',
      'available',
      'source',
      'permissions',
    ])
  })

  test('has the processor of this machine on KVM, and flushes', () => {
    const lab = fixtureLab('kvm')
    const xml = renderMachine(lab, lab.nodes[0]!, '1-2')
    expect(xml).toContain("<domain type='kvm'>")
    expect(xml).toContain("<cpu mode='host-passthrough'/>")
    expect(xml).not.toContain('cache=')
  })

  test('of a stock image has its own boot loader, and a disk that says which node it is', () => {
    const lab = fixtureLab('kvm', { stockImage: fixtureStockImage })
    const xml = renderMachine(lab, lab.nodes[0]!, '1-2')
    expect(xml).not.toMatch(/<kernel>|<initrd>|<cmdline>/)
    expect(xml).toContain("<source file='/var/lib/duostack/1a2b3c4d/pool/controller-cloudinit.iso'/>")
  })
})
