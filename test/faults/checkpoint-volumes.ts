/** A restore over volumes with snapshots: Cinder's files are chains of images, which must be those that its database means. */

import { expect, test } from 'vitest'
import { expectVerified, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { expectRun } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { setMarks } from './checkpoint-marks.ts'

const name = 'with-snapshot'

export function volumeTests(copy: () => Copy): void {
  const client = (...words: string[]) => openstack(copy(), ...words)
  const become = (kind: string[], which: string, status: string) =>
    expect
      .poll(async () => (await openstack<{ status: string }>(copy(), ...kind, 'show', which)).status, {
        timeout: 120_000,
        interval: 3000,
      })
      .toBe(status)
  const snapshots = async () =>
    (await openstack<{ Name: string; Status: string }[]>(copy(), 'volume', 'snapshot', 'list'))
      .map(({ Name, Status }) => `${Name} ${Status}`)
      .sort()
  const takeSnapshot = async (of: string, as: string) => {
    await client('volume', 'snapshot', 'create', '--volume', of, as)
    await become(['volume', 'snapshot'], as, 'available')
  }

  test('a restore over volumes with snapshots', () =>
    recorded('checkpoints', 'restore over volumes with snapshots', async () => {
      await client('volume', 'create', '--size', '1', 'kept')
      await become(['volume'], 'kept', 'available')
      await takeSnapshot('kept', 'first')
      await expectRun(copy(), 'save', name)
      // In the place of the chain that the save has, another one.
      await expectRun(copy(), 'openstack', 'volume', 'snapshot', 'delete', 'first')
      await expect.poll(snapshots, { timeout: 120_000, interval: 3000 }).toEqual([])
      await takeSnapshot('kept', 'second')
      await client('volume', 'create', '--size', '1', 'later')
      await become(['volume'], 'later', 'available')
      await takeSnapshot('later', 'third')
      await expectRun(copy(), 'restore', name, '--yes')
      expect(await snapshots()).toEqual(['first available'])
      const volumes = await openstack<{ Name: string }[]>(copy(), 'volume', 'list')
      expect(volumes.map((volume) => volume.Name).sort()).toEqual(['kept', 'test-volume'])
      // Its chain can be read, written to and shortened.
      await client('volume', 'create', '--snapshot', 'first', '--size', '1', 'of-first')
      await become(['volume'], 'of-first', 'available')
      await expectRun(copy(), 'openstack', 'server', 'add', 'volume', 'test', 'kept')
      await become(['volume'], 'kept', 'in-use')
      await expectRun(copy(), 'openstack', 'server', 'remove', 'volume', 'test', 'kept')
      await become(['volume'], 'kept', 'available')
      await expectRun(copy(), 'openstack', 'volume', 'snapshot', 'delete', 'first')
      await expect.poll(snapshots, { timeout: 120_000, interval: 3000 }).toEqual([])
      await expectRun(copy(), 'openstack', 'volume', 'delete', 'kept', 'of-first')
      await expectRun(copy(), 'save', '--delete', name)
      await expectVerified(copy())
      // The restored declaration is the one of the last `up`, which lacks the mark.
      await setMarks(copy(), 'living')
      return 'volume and snapshot of the save, none of the later ones; a volume of the snapshot, attached, snapshot deleted'
    }))
}
