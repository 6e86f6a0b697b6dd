/** A dozen tests of Tempest on a lab, what the command says of them, and that a killed run leaves nothing behind. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openstack } from './answers.ts'
import type { Copy } from './copy.ts'
import { readDocument } from './documents.ts'
import { runAndKill } from './kill.ts'
import { slowness } from './lab.ts'

/** Seconds each: accounts, images, security groups and ports by the API, and one instance that is logged in to. */
const dozen = [
  'identity.v3.test_tokens.TokensV3Test',
  'image.v2.test_images_tags',
  'network.test_security_groups.SecGroupTest',
  'compute.servers.test_create_server.ServersTestJSON.test_(verify_server_details|host_name_is)',
].join('|')

const lists = ['project', 'user', 'flavor', 'image', 'network', 'security group', 'server']

/** Whatever Tempest may make, by its id, in all projects. */
async function readCloud(copy: Copy): Promise<string[]> {
  const all = await Promise.all(
    lists.map(async (kind) => {
      const everywhere = kind === 'server' ? ['--all-projects'] : kind === 'flavor' ? ['--all'] : []
      const rows = await openstack<{ ID: string }[]>(copy, ...kind.split(' '), 'list', ...everywhere)
      return rows.map(({ ID }) => `${kind} ${ID}`)
    }),
  )
  return all.flat().sort()
}

export function dozenTest(copy: () => Copy): void {
  test('a dozen tests of Tempest pass, and nothing of them is left in the cloud', async () => {
    const before = await readCloud(copy())
    const file = join(copy().root, '.lab/tempest.xml')
    const { document, exitCode } = await readDocument(copy(), 'tempest', dozen, '--junit', file)
    expect(document).toMatchObject({ ok: true, counts: { failed: 0, skipped: 0, leftOut: 0 }, leftovers: [] })
    expect(exitCode).toBe(0)
    expect(await readFile(file, 'utf8')).toMatch(/<testsuite name="duostack [^"]*" tests="1\d" failures="0"/)
    expect(await readCloud(copy())).toEqual(before)
  })
}

export function killedTempestTest(copy: () => Copy): void {
  test('what a killed run has left is removed by tempest --cleanup, and nothing else', async () => {
    const before = await readCloud(copy())
    // By then some classes have their projects, and none has removed them all.
    const blow = {
      kind: 'SIGKILL',
      marker: /✓ prepare the cloud/,
      latestSeconds: 120 * slowness,
      delaySeconds: 12,
    } as const
    expect(await runAndKill(copy(), ['tempest', dozen], blow)).toMatchObject({ hit: true })
    const removed = await copy().run('./lab', 'tempest', '--cleanup')
    expect([removed.exitCode, removed.stdout]).toEqual([0, expect.stringMatching(/^removed: .*projects tempest-/)])
    expect(await readCloud(copy())).toEqual(before)
    expect((await copy().run('./lab', 'tempest', '--cleanup')).stdout).toBe('nothing to remove')
  })
}
