/** An image of more than 1 GiB goes through the dashboard, by the form that its page sends. */

import { expect, test } from 'vitest'
import { openstack } from '../e2e/answers.ts'
import type { Copy } from '../e2e/copy.ts'
import { onNode, tail } from './lab.ts'
import { recorded } from './ledger.ts'
import { client } from './server.ts'

const name = 'faults-upload'
const bytes = 1100 * 2 ** 20

export function horizonUploadTests(copy: () => Copy): void {
  test('an image of more than 1 GiB through the dashboard', () =>
    recorded('servers', `${bytes} bytes through the dashboard`, async () => {
      const file = `${copy().root}/.lab/${name}.raw`
      expect((await copy().run('truncate', '-s', String(bytes), file)).exitCode).toBe(0)
      const program = ['node', 'scripts/run.mjs', 'test/faults/horizon-upload-client.ts']
      const start = performance.now()
      const sent = await copy().run('./lab', 'exec', '--', ...program, file, name)
      await copy().run('rm', file)
      expect(String(sent.stdout).trim(), tail(sent.all)).toBe('201')
      const look = () => openstack<{ status: string; size: number | null }>(copy(), 'image', 'show', name)
      await expect.poll(look, { timeout: 300_000, interval: 3000 }).toMatchObject({ status: 'active', size: bytes })
      const seconds = Math.round((performance.now() - start) / 1000)
      await client(copy(), 'image', 'delete', name)
      const left = "find /var/tmp /tmp -name '*.upload*' | wc -l"
      await expect.poll(() => onNode(copy(), 'controller', left), { timeout: 30_000 }).toBe('0')
      return `201, active after ${seconds} s, nothing left where it was spooled`
    }))
}
