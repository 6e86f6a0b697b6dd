/** The disk of this machine fills up during `save`, `export` and `restore`: nothing is lost, and the error is plain. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectVerified } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { bringUp, expectRun, hypervisor } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { stackTrace, tail } from '../harness/output.ts'
import { asRoot, bootTimes, listSaves, readHalf, readMark, setMarks } from './checkpoint-marks.ts'
import { openSmallDisk, type SmallDisk } from './small-disk.ts'

const part = 'checkpoints on a full disk'

/** A volume that has to be copied, and the room that is left for it. */
const [volumeMiB, spareMiB] = [400, 100]

/** Of what a command says about the missing room, the line that names it. */
async function expectNoRoom(copy: Copy, ...command: string[]): Promise<string> {
  const { exitCode, all } = await copy.run('./lab', ...command)
  expect(exitCode, tail(all)).not.toBe(0)
  expect(String(all)).not.toMatch(stackTrace)
  const [line] = /^.*no space left.*$/im.exec(String(all)) ?? []
  expect(line, tail(all)).toBeDefined()
  return line!.trim()
}

export function checkpointDiskTests(): void {
  describe.skipIf(hypervisor !== 'lxc')('on a full disk', containerTests)
}

function containerTests(): void {
  let disk: SmallDisk
  let copy: Copy
  beforeAll(async () => {
    disk = await openSmallDisk({ saves: true })
    copy = disk.copy
    await bringUp(copy, '--hypervisor', hypervisor)
    await asRoot(`head -c ${volumeMiB}M /dev/urandom >/var/lib/duostack/${disk.id}/volumes/shared/large`)
    await setMarks(copy, 'saved')
  })
  afterAll(async () => {
    await copy.run('./lab', 'down', '--purge', '--yes')
    expect(await disk.close()).toEqual([])
  })

  test.each([0, spareMiB])('save with %i MiB free: no save, and the lab runs on', (spare) =>
    recorded(part, `save with ${spare} MiB free`, async () => {
      await disk.fill(spare)
      const said = await expectNoRoom(copy, 'save', 'one')
      expect(await readHalf(copy, disk.id)).toEqual([])
      await disk.makeRoom()
      expect(await listSaves(copy)).toEqual([])
      await expectVerified(copy)
      expect(await readMark(copy)).toBe('saved')
      return `"${said}"; no save, the lab runs, verified once there was room`
    }),
  )

  test('export without room: no file', () =>
    recorded(part, `export with ${spareMiB} MiB free`, async () => {
      await expectRun(copy, 'save', 'one')
      await disk.fill(spareMiB)
      const file = join(disk.mount, 'lab.tar.zst')
      const said = await expectNoRoom(copy, 'export', 'one', file)
      expect([file, `${file}.partial`].filter((path) => existsSync(path))).toEqual([])
      await disk.makeRoom()
      return `"${said}"; no file`
    }))

  test.each([0, spareMiB])('restore with %i MiB free: the nodes are not touched', (spare) =>
    recorded(part, `restore with ${spare} MiB free`, async () => {
      await setMarks(copy, 'living')
      const before = await bootTimes(copy)
      await disk.fill(spare)
      const said = await expectNoRoom(copy, 'restore', 'one', '--yes')
      expect(await readHalf(copy, disk.id)).toEqual([])
      expect(readdirSync(`/var/lib/duostack/${disk.id}`)).not.toContain('restoring')
      await disk.makeRoom()
      expect([await bootTimes(copy), await readMark(copy)]).toEqual([before, 'living'])
      return `"${said}"; the nodes ran on, nothing is left of it`
    }),
  )

  test('with room again, the save is restored', () =>
    recorded(part, 'restore with room again', async () => {
      await expectRun(copy, 'restore', 'one', '--yes')
      expect(await readMark(copy)).toBe('saved')
      await expectVerified(copy)
      return 'the saved lab, verified'
    }))
}
