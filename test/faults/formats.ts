/** Every format that `image add` accepts boots, tried with the test image; what Nova would reject is not uploaded. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { recorded } from '../harness/ledger.ts'
import { tail } from '../harness/output.ts'
import { testImage } from '../harness/test-image.ts'
import { bootableImages } from './bootable-images.ts'

const part = 'formats'

const listImages = async (copy: Copy) => (await openstack<{ Name: string }[]>(copy, 'image', 'list')).length

async function bootOnce(copy: Copy, image: string): Promise<void> {
  const server = ['--image', image, '--flavor', 'm1.nano', '--network', 'provider']
  const { id } = await openstack<{ id: string }>(copy, 'server', 'create', ...server, '--wait', image)
  try {
    const readConsole = async () => String((await copy.run('./lab', 'openstack', 'console', 'log', 'show', id)).stdout)
    await expect.poll(readConsole, { timeout: 300_000, interval: 5000 }).toMatch(/duostack-test: up after/)
  } finally {
    await copy.run('./lab', 'openstack', 'server', 'delete', '--wait', id)
  }
}

export function formatTests(copy: () => Copy): void {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duostack-formats-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test.each(bootableImages)('$name is accepted as $format and boots', ({ name, format, make }) =>
    recorded(part, `image add and a server: ${name}`, async () => {
      const file = await make(await testImage(), folder)
      const add = await copy().run('./lab', 'image', 'add', file, name)
      await rm(file)
      expect(add.exitCode, tail(add.all)).toBe(0)
      try {
        const { disk_format } = await openstack<{ disk_format: string }>(copy(), 'image', 'show', name)
        expect(disk_format).toBe(format)
        await bootOnce(copy(), name)
      } finally {
        await copy().run('./lab', 'openstack', 'image', 'delete', name)
      }
      return `${format}; it boots`
    }),
  )

  test('what Nova would reject is refused before it is uploaded, whatever its name', () =>
    recorded(part, 'image add of what Nova refuses', async () => {
      const before = await listImages(copy())
      const source = await testImage()
      const refused: [file: string, given: string, ...options: string[]][] = [
        ['vhd.qcow2', 'a VHD', '-O', 'vpc'],
        ['vhdx.img', 'a VHDX', '-O', 'vhdx'],
        ['split.vmdk', 'whose data is in another file', '-O', 'vmdk', '-o', 'subformat=twoGbMaxExtentSparse'],
      ]
      for (const [name, , ...options] of refused) {
        await execa('qemu-img', ['convert', ...options, source, join(folder, name)])
      }
      const extent: [string, string] = ['split-s001.vmdk', 'extent of a split VMDK']
      for (const [name, given] of [...refused, extent]) {
        const add = await copy().run('./lab', 'image', 'add', join(folder, name), 'refused')
        expect([add.exitCode, String(add.all)]).toEqual([1, expect.stringContaining(given)])
      }
      expect(await listImages(copy())).toBe(before)
      return 'a VHD, a VHDX, a split VMDK and an extent of it; nothing was sent'
    }))
}
