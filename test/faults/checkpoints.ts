/**
 * Checkpoints that are killed, damaged, or of another version: the living lab or the saved one is whole, and `down` needs
 * neither. On the way the lab is removed and comes back from an exported file.
 */

import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectVerified } from '../harness/answers.ts'
import type { Chance } from '../harness/chance.ts'
import type { Copy } from '../harness/copy.ts'
import { expectRefused, expectRun } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readLabId, readRemains } from '../harness/remains.ts'
import { stopwatch } from '../harness/timing.ts'
import { base, killExportTests, killImportTests, killRestoreTests, killSaveTests } from './checkpoint-kills.ts'
import { asRoot, bootTimes, listSaves, readHalf, readMark, savesOf, setMarks } from './checkpoint-marks.ts'
import { volumeTests } from './checkpoint-volumes.ts'

const part = 'checkpoints'

export function checkpointFaultTests(copy: () => Copy, chance: Chance, kills: number): void {
  let [folder, id] = ['', '']
  const file = () => join(folder, 'lab.tar.zst')
  const killing = { copy, chance, kills: Math.ceil(kills / 4) }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duostack-carried-'))
    id = (await readLabId(copy()))!
    await setMarks(copy(), 'saved')
    await expectRun(copy(), 'save', base)
    await setMarks(copy(), 'living')
  })
  afterAll(async () => {
    await rm(folder, { recursive: true })
    if (existsSync(savesOf(id))) await asRoot(`rm -rf --one-file-system ${savesOf(id)}/saves`)
  })

  refusalTests(copy, () => id)
  volumeTests(copy)
  killSaveTests(killing)
  killRestoreTests(killing)
  killExportTests(killing, file)
  carryTests(copy, { file, id: () => id, kills: () => killImportTests(killing, file, () => id) })
}

/** A save like `base` under another name, with other words in its description. */
const forge = (id: string, name: string, edit: string) =>
  asRoot(`cd ${savesOf(id)}/saves
cp -a --reflink=auto ${base} ${name}
sed -i 's/"name":"${base}"/"name":"${name}"/; ${edit}' ${name}/save.json`)

const forged = {
  'other-release': [`s/"format":[0-9]*/"format":99/`, /made by another version/],
  'other-kind': [`s/"hypervisor":"[a-z]*"/"hypervisor":"kvm"/`, /kvm|identity/],
  'other-image': [`s/"imageDigest":"[0-9a-f]*"/"imageDigest":"${'0'.repeat(64)}"/`, /node image 0{12}, which is gone/],
} as const

function refusalTests(copy: () => Copy, id: () => string): void {
  test('a save of another release, kind or image is refused before anything is touched', () =>
    recorded(part, 'saves of another release, kind and node image', async () => {
      const before = await bootTimes(copy())
      for (const [name, [edit, said]] of Object.entries(forged)) {
        await forge(id(), name, edit)
        expect(await expectRefused(copy(), 'restore', name, '--yes')).toMatch(said)
        expect(await readHalf(copy(), id())).toEqual([])
        await expectRun(copy(), 'save', '--delete', name)
      }
      expect(await bootTimes(copy())).toBe(before)
      expect(await listSaves(copy())).toEqual([base])
      return `${Object.keys(forged).length} refused, nothing touched`
    }))

  test('a file of another release or kind, or that unpacks to too much, is refused before anything is unpacked', () =>
    recorded(part, 'files of another release and kind', async () => {
      const text = await readFile(join(savesOf(id()), 'saves', base, 'save.json'), 'utf8')
      const save = { ...(JSON.parse(text) as object), id: 'abcdef01' }
      const manifest = { format: 1, version: '0', release: 'zed', bytes: 1e6, save }
      const others = [
        [{ format: 99 }, 'another version'],
        [{ release: 'yoga' }, 'another version'],
        [{ save: { ...save, hypervisor: 'xen' } }, 'another version'],
        [{}, 'up to 100 times its size'],
      ] as const
      for (const [other, refusal] of others) {
        const content = JSON.stringify({ ...manifest, ...other })
        const file = join(tmpdir(), `duostack-other-${id()}.tar.zst`)
        const script =
          'cd "$(mktemp -d)"; cat >manifest.json; tar -cf - manifest.json | zstd -q -f -o "$1"; rm -r "$PWD"'
        await execa('bash', ['-euc', script, 'bash', file], { input: content })
        expect(await expectRefused(copy(), 'import', file, '--trust')).toContain(refusal)
        await rm(file)
        expect(existsSync(savesOf('abcdef01'))).toBe(false)
      }
      return `${others.length} refused, nothing unpacked`
    }))
}

interface Carried {
  file: () => string
  id: () => string
  kills: () => void
}

/** The lab goes, with damaged saves beside it, and comes back from the file. */
function carryTests(copy: () => Copy, { file, id, kills }: Carried): void {
  const key = () => join(dirname(file()), 'key')
  const encrypted = () => `${file()}.age`

  test('after the kills, an export is whole', () =>
    recorded('kill export', 'export after the kills', async () => {
      await rm(file(), { force: true })
      const took = stopwatch()
      const said = await expectRun(copy(), 'export', base, file())
      const { stdout } = await execa('sha256sum', [file()])
      expect(said).toContain(stdout.slice(0, 64))
      await execa('zstd', ['-t', '-q', file()])
      const { size } = await stat(file())
      expect(size).toBeLessThan(900 * 2 ** 20)
      return `${Math.round(size / 2 ** 20)} MiB in ${took.shown()}; its checksum is right`
    }))

  test('an export is encrypted for a public key', () =>
    recorded('kill export', 'encrypted export', async () => {
      await execa('sh', ['-c', 'age-keygen -o "$1" && age-keygen -y "$1" >"$1.pub"', 'sh', key()])
      const said = await expectRun(copy(), 'export', base, encrypted(), '--recipients', `${key()}.pub`)
      expect(said).toContain('encrypted')
      const { stdout } = await execa('head', ['-c', '21', encrypted()])
      expect(stdout).toBe('age-encryption.org/v1')
      return 'encrypted for one key'
    }))

  test('with damaged saves and a missing layer: restore refuses, down removes the lab and says which saves remain', () =>
    recorded(part, 'down with damaged saves', async () => {
      await forge(id(), 'cut-off', 's/.$//')
      await asRoot(`cd ${savesOf(id())}/saves; cp -a ${base} empty; rm -rf empty/*
rm -rf ../layers/$(head -n 1 ${base}/nodes/controller)`)
      const before = await bootTimes(copy())
      expect(await expectRefused(copy(), 'restore', base, '--yes')).toMatch(/is missing, which this save needs/)
      expect(await expectRefused(copy(), 'restore', 'cut-off', '--yes')).toMatch(/damaged/)
      expect(await expectRefused(copy(), 'save', 'empty')).toMatch(/already exists/)
      expect([await bootTimes(copy()), await readHalf(copy(), id())]).toEqual([before, []])
      const said = await expectRun(copy(), 'down', '--yes')
      expect(said).toMatch(new RegExp(`kept: one save \\(${base};`))
      for (const name of ['cut-off', 'empty']) expect(said).toContain(`${savesOf(id())}/saves/${name}`)
      expect(await readRemains(id())).toEqual([])
      return 'refused, the lab ran on; down left nothing but the saves, and named all three'
    }))

  test('down --purge removes them, whole or damaged', () =>
    recorded(part, 'down --purge', async () => {
      await expectRun(copy(), 'down', '--purge', '--yes')
      expect(existsSync(savesOf(id()))).toBe(false)
      return 'nothing left'
    }))

  kills()

  test('after the kills, the encrypted file is imported, and the lab that it holds is restored and verified', () =>
    recorded('kill import', 'import and restore after the kills', async () => {
      expect(await expectRefused(copy(), 'import', encrypted(), '--identity', key())).toContain('add --trust')
      const took = stopwatch()
      await expectRun(copy(), 'import', encrypted(), '--identity', key(), '--trust')
      const imported = took.shown()
      await expectRun(copy(), 'restore', base, '--yes')
      expect(await readMark(copy())).toBe('saved')
      await expectVerified(copy())
      return `imported in ${imported}, restored after ${took.shown()}; the saved lab, verified`
    }))
}
