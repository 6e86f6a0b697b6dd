/**
 * Everything a volume can do, on the lab's real backend; a first run is killed in the middle, and the next one cleans
 * up.
 */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectHold } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'

async function listVolumes(copy: Copy): Promise<string> {
  const list = await copy.run('./lab', 'openstack', 'volume', 'list', '-f', 'value', '-c', 'Name', '-c', 'Status')
  return String(list.stdout)
}

/** `scale`: how much slower than native the nodes are. */
export function volumeTests(lab: () => Copy, scale: number): void {
  test('a killed verify --volumes leaves its objects', async () => {
    const killed = lab().run('./lab', 'verify', '--volumes')
    // The root disk's volume stays in use while its instance boots; the other appears and disappears within seconds.
    const inUse = expect
      .poll(() => listVolumes(lab()), { timeout: 180_000 * scale, interval: 1000 })
      .toMatch(/verify-volumes-\S+ +in-use/)
    const early = killed.then(({ all }) => expect.fail(`it ended before one of its volumes was in use:\n${all}`))
    await Promise.race([inUse, early])
    const { pid } = JSON.parse(await readFile(join(lab().root, '.lab/lock'), 'utf8'))
    process.kill(pid, 'SIGKILL')
    expect((await killed).exitCode).not.toBe(0)
    expect(await listVolumes(lab())).toContain('verify-volumes-first')
  })

  test('the next one removes them, passes every check, and leaves nothing', async () => {
    const observations = expectHold(await lab().run('./lab', 'verify', '--volumes', '--json'))
    expect(observations.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        'the remains of an interrupted run are removed',
        'attached again, it has the same data',
        'the extended volume has its new size in the instance, and the same data',
        'the clone has the same data',
        'the volume from the snapshot has the same data',
        'an instance boots from it, with that volume as its only disk',
        'after the instance was deleted, its volume is free',
        'everything that was created for this is removed again',
      ]),
    )
    expect((await listVolumes(lab())).trim()).toBe('test-volume in-use')
  })
}
