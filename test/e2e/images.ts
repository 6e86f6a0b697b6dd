/** `./lab image add` with a real image and the real Glance. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { convertDisk } from '../fixtures/disk-image.ts'
import type { Copy } from '../harness/copy.ts'
import { expectRun } from '../harness/lab.ts'
import { testImage } from '../harness/test-image.ts'

export function imageTests(lab: () => Copy): void {
  let folder: string
  let file: string

  beforeAll(async () => {
    // Different content from the lab's own image, which is already in Glance.
    folder = await mkdtemp(join(tmpdir(), 'duostack-image-'))
    file = join(folder, 'os.vmdk')
    await convertDisk('vmdk', file, await testImage())
    await execa('bash', ['-c', 'sha256sum os.vmdk >SHA256SUMS'], { cwd: folder })
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('is refused if the checksum is not the published one, and nothing is uploaded', async () => {
    const add = await lab().run('./lab', 'image', 'add', file, 'os', '--checksum', `sha256:${'0'.repeat(64)}`)
    expect(add.exitCode).toBe(1)
    expect(add.all).toContain(`expected: sha256 ${'0'.repeat(64)}`)
  })

  test('is added with its format and the checksum next to it; Glance has the same bytes', async () => {
    const add = await expectRun(lab(), 'image', 'add', file, 'os')
    expect(add).toContain('os: vmdk, a disk of 1 GiB, the checksum matches')
    const shown = await lab().run('./lab', 'openstack', '--os-cloud', 'demo', 'image', 'show', 'os', '-f', 'json')
    const image = JSON.parse(String(shown.stdout))
    expect(image).toMatchObject({ disk_format: 'vmdk', min_disk: 1, status: 'active', visibility: 'public' })
    const { stdout } = await execa('sha512sum', [file])
    expect(image.properties.os_hash_value).toBe(stdout.split(' ')[0])
  })

  test('is not uploaded twice', async () => {
    const add = await expectRun(lab(), 'image', 'add', file, 'os')
    expect(add).toContain('already in Glance, with this content; nothing was sent')
    await lab().run('./lab', 'openstack', 'image', 'delete', 'os')
  })
}
