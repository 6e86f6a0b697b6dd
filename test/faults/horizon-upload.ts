/** Uploads an image of more than 1 GiB through the dashboard's own form. */

import { expect, test } from 'vitest'
import { client, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { tail } from '../harness/output.ts'
import { stopwatch } from '../harness/timing.ts'

const name = 'faults-upload'
const bytes = 1100 * 2 ** 20

export function horizonUploadTests(copy: () => Copy): void {
  test('an image of more than 1 GiB through the dashboard', () =>
    recorded('servers', `${bytes} bytes through the dashboard`, async () => {
      const file = `${copy().root}/.lab/${name}.raw`
      expect((await copy().run('truncate', '-s', String(bytes), file)).exitCode).toBe(0)
      const program = ['node', 'scripts/run.mjs', 'test/faults/horizon-upload-client.ts']
      const took = stopwatch()
      const sent = await copy().run('./lab', 'exec', '--', ...program, file, name)
      await copy().run('rm', file)
      expect(String(sent.stdout).trim(), tail(sent.all)).toBe('201')
      const look = () => openstack<{ status: string; size: number | null }>(copy(), 'image', 'show', name)
      await expect.poll(look, { timeout: 300_000, interval: 3000 }).toMatchObject({ status: 'active', size: bytes })
      const shown = took.shown()
      await client(copy(), 'image', 'delete', name)
      const left = "find /var/tmp /tmp -name '*.upload*' | wc -l"
      await expect.poll(() => onNode(copy(), 'controller', left), { timeout: 30_000 }).toBe('0')
      return `201, active after ${shown}, nothing left where it was spooled`
    }))
}
