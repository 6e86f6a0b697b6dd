/**
 * A lab of containers is saved, changed and brought back. Kills, export and import:
 * `./lab test faults checkpoints clones`.
 */

import { expect, test } from 'vitest'
import { runOnHost } from '../../scripts/run/process.ts'
import type { Copy } from '../harness/copy.ts'
import { readDocument } from '../harness/documents.ts'
import { expectRefused, expectRun, onNode, smallServer, sql } from '../harness/lab.ts'
import { readLabId } from '../harness/remains.ts'

const name = 'before'

/** Of all that the lab's saves hold. */
async function sumOfSaves(copy: Copy): Promise<string> {
  const folder = `/var/lib/duostack/saves/${await readLabId(copy)}`
  const script = 'cd "$1" && find . -type f -exec sha256sum {} + | sort | sha256sum'
  return (await runOnHost('sh', ['-c', script, 'sh', folder], { step: 'sum of the saves', root: true })).stdout
}

const listServers = async (copy: Copy) =>
  String((await copy.run('./lab', 'openstack', 'server', 'list', '-f', 'value', '-c', 'Name', '-c', 'Status')).stdout)

export function checkpointTests(lab: () => Copy): void {
  test('save keeps the lab and starts it again', async () => {
    expect(await expectRun(lab(), 'save', name)).toMatch(/save: before is saved, \d+ MiB/)
    const { saves } = (
      await readDocument<{ saves: { name: string; current: boolean; bytes: number }[] }>(lab(), 'saves')
    ).document
    const made = saves.find((save) => save.name === name)
    expect(made).toMatchObject({ current: true })
    expect(made!.bytes).toBeLessThan(1.5 * 2 ** 30)
  })

  test('a second save of this name, and a name that is a path, are refused', async () => {
    expect(await expectRefused(lab(), 'save', name)).toContain('already exists')
    expect(await expectRefused(lab(), 'save', '../before')).toContain('name of a save')
    expect(await expectRefused(lab(), 'restore', 'befor', '--yes')).toContain('did you mean before?')
  })

  test('what the lab does after the save, also in place in a database, does not reach the save', async () => {
    const copy = lab()
    const before = await sumOfSaves(copy)
    await expectRun(copy, 'openstack', 'server', 'create', ...smallServer, '--wait', 'made-after')
    await onNode(
      copy,
      'controller',
      `${sql('mysql', 'CREATE DATABASE made_after; CREATE TABLE made_after.t (a INT); INSERT INTO made_after.t VALUES (1); FLUSH TABLES')}; echo 1 >/root/made-after; sync`,
    )
    expect(await sumOfSaves(copy)).toBe(before)
  })

  test('after a restore the lab is that of the save, and Terraform plans no change', async () => {
    const copy = lab()
    await expectRun(copy, 'restore', name, '--yes')
    const servers = await listServers(copy)
    expect(servers).toContain('test ACTIVE')
    expect(servers).not.toContain('made-after')
    expect(await onNode(copy, 'controller', `ls /root; ${sql('mysql', 'SHOW DATABASES')}`)).not.toMatch(/made.after/)
    expect(await expectRun(copy, 'plan')).toContain('./lab up would change nothing')
  })

  test('a deleted save is gone, and the lab goes on', async () => {
    await expectRun(lab(), 'save', '--delete', name)
    expect(await expectRun(lab(), 'saves')).not.toContain(name)
    await expectRun(lab(), 'verify', '--quick')
  })
}
