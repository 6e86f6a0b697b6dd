import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import type { Hypervisor } from '../../scripts/declaration/lab.ts'
import { domainStylesheet } from '../../stacks/node-vm-xslt.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

/** In the form in which the provider writes a domain. */
const domain = `<domain type="qemu">
  <name>duostack-controller</name>
  <devices>
    <disk type="volume" device="disk">
      <driver name="qemu" type="qcow2"></driver>
      <source pool="duostack-pool" volume="controller-root.qcow2"></source>
      <target dev="vda" bus="virtio"></target>
    </disk>
    <disk type="volume" device="disk">
      <driver name="qemu" type="qcow2"></driver>
      <source pool="duostack-pool" volume="controller-volumes.qcow2"></source>
      <target dev="vdb" bus="virtio"></target>
    </disk>
    <interface type="network"><source network="duostack-management"></source></interface>
    <console type="pty"><target type="serial" port="0"></target></console>
    <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"></target></channel>
    <graphics type="spice" autoport="yes"></graphics>
    <video><model type="cirrus"></model></video>
  </devices>
</domain>`

const hasXsltproc = (await execa('xsltproc', ['--version'], { reject: false })).exitCode === 0

async function transform(hypervisor: Hypervisor): Promise<string> {
  const lab = fixtureLab(hypervisor)
  const stylesheet = join(temporaryFolder(), 'domain.xslt')
  writeFileSync(stylesheet, domainStylesheet(lab, lab.nodes[0]!))
  const { stdout } = await execa('xsltproc', [stylesheet, '-'], { input: domain })
  return stdout.replace(/>\s+</g, '>\n<')
}

describe.skipIf(!hasXsltproc)('the stylesheet of a domain', () => {
  test('puts in what the provider has no argument for', async () => {
    expect(await transform('qemu')).toMatchSnapshot()
  })

  test('leaves no display behind that everybody on this machine could open', async () => {
    expect(await transform('kvm')).not.toMatch(/graphics|video|spice/)
  })

  test('names disks by file, where AppArmor lets QEMU read them', async () => {
    const xml = await transform('kvm')
    expect(xml).toContain('<source file="/var/lib/duostack/1a2b3c4d/pool/controller-root.qcow2"/>')
    expect(xml).not.toContain('type="volume"')
  })

  test('gives the second disk alone the serial number by which Cinder finds it', async () => {
    const [, first, second] = (await transform('kvm')).split('<disk ')
    expect(first).not.toContain('<serial>')
    expect(second).toContain('<serial>duostack-volumes</serial>')
  })

  test('gives up flushes on emulated nodes only', async () => {
    expect(await transform('kvm')).not.toContain('unsafe')
    expect((await transform('qemu')).match(/cache="unsafe"/g)).toHaveLength(2)
  })
})
