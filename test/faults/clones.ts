/**
 * Two new labs from one exported file, beside their original: each is a whole lab with nothing of its own in common with
 * another but the layers on the disk. One is another user's, if the test may make one.
 */

import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { client, expectVerified, openstack } from '../harness/answers.ts'
import { type Copy, copyInstalled } from '../harness/copy.ts'
import { runAndKill } from '../harness/kill.ts'
import { expectRun, nodes, smallServer } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readInvocations } from '../harness/nodes.ts'
import { tail } from '../harness/output.ts'
import { readLabId } from '../harness/remains.ts'
import { stopwatch } from '../harness/timing.ts'
import { canMakeUser, copyForUser, giveFile } from '../harness/user.ts'
import { asRoot, bootTimes, expectSaveWhole, readHalf, readMark, savesOf, setMarks } from './checkpoint-marks.ts'
import { base, type Clone, type Labs, part } from './clone-marks.ts'
import { apartTests, removalTests } from './clones-apart.ts'

const names = ['student1', 'student2'] as const

const volumeFile = async (copy: Copy, volume: string) =>
  `/var/lib/duostack/${await readLabId(copy)}/volumes/shared/volume-${volume}`

/** MiB on the disk of this machine; links are not followed. */
const diskOf = async (path: string) => Number((await asRoot(`du -sm ${path}`)).split('\t')[0])

/** Everything below a folder: a write to a file changes its time. */
const stampOf = (path: string) =>
  asRoot(`cd ${path}; find . -printf '%p %y %m %U:%G %s %T@ %C@ %l\\n' | sort | sha256sum`)

export function cloneTests(copy: () => Copy): void {
  const labs: Labs = { original: copy, clones: [] }
  let [folder, id, volume] = ['', '', '']
  let before: string[]
  const file = () => join(folder, 'lab.tar.zst')
  const readUntouched = async () => [
    await stampOf(savesOf(id)),
    await bootTimes(copy()),
    JSON.stringify([...(await readInvocations(copy(), nodes))]),
    JSON.stringify(await openstack(copy(), 'server', 'show', 'mine', '-c', 'status', '-c', 'OS-SRV-USG:launched_at')),
  ]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duostack-carried-'))
    id = (await readLabId(copy()))!
    await client(copy(), 'server', 'create', ...smallServer, '--wait', 'mine')
    volume = (await openstack<{ id: string }>(copy(), 'volume', 'create', '--size', '1', 'mine')).id
    // Not expect.poll, which is for tests alone.
    const status = () => client(copy(), 'volume', 'show', volume, '-f', 'value', '-c', 'status')
    await vi.waitFor(async () => expect((await status()).trim()).toBe('available'), { timeout: 60_000, interval: 1000 })
    await asRoot(`yes known | head -c 9000000 | dd of=${await volumeFile(copy(), volume)} conv=notrunc status=none`)
    await setMarks(copy(), 'saved')
    await expectRun(copy(), 'save', base)
    await expectRun(copy(), 'export', base, file())
    await setMarks(copy(), 'living')
    before = await readUntouched()
  })
  afterAll(async () => {
    for (const clone of labs.clones) {
      await clone.copy.run('./lab', 'down', '--purge', '--yes')
      await clone.copy.remove()
    }
    await rm(folder, { recursive: true })
  })

  importTests(labs, file)
  restoreTests(labs, { volume: () => volume })
  test('the original is not touched: its saves, nodes, units and instance', () =>
    recorded(part, 'the original beside its clones', async () => {
      expect(await readUntouched()).toEqual(before)
      expect(await readMark(copy())).toBe('living')
      await expectVerified(copy())
      return 'the same saves, boot times, units and instance; verified'
    }))
  apartTests(labs)
  removalTests(labs, { id: () => id, file })
}

function importTests({ original, clones }: Labs, file: () => string): void {
  test('the file is imported twice under other names, and its layers are on the disk once', () =>
    recorded(part, 'import --as, twice', async () => {
      const first = await diskOf('/var/lib/duostack/saves')
      const seen: string[] = []
      for (const [index, name] of names.entries()) {
        const isOther = index === 1 && (await canMakeUser())
        const copy = isOther ? await copyForUser() : await copyInstalled()
        const own = isOther ? join(copy.root, 'lab.tar.zst') : file()
        if (isOther) await giveFile(file(), own)
        const clone: Clone = { name, copy, id: '', file: own }
        clones.push(clone)
        const took = stopwatch()
        const said = await expectRun(copy, 'import', own, '--trust', '--as', name)
        clone.id = /of lab ([0-9a-f]{8})/.exec(said)![1]!
        expect(said).toContain('it shares its layers on the disk')
        seen.push(`${name}: ${await diskOf(savesOf(clone.id))} MiB in ${took.shown()}`)
      }
      const ids = [await readLabId(original()), ...clones.map(({ id }) => id)]
      expect(new Set(ids).size).toBe(3)
      const all = await diskOf('/var/lib/duostack/saves')
      expect(all - first).toBeLessThan(100)
      return `${first} MiB of saves before, ${all} MiB after (${seen.join('; ')})`
    }))
}

/** A machine on which Terraform is not installed, and that cannot fetch or build it. */
const withoutTerraform = `home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
mkdir "$home/bin"
for program in /usr/bin/* /usr/sbin/*; do
  case \${program##*/} in terraform | tofu | go) ;; *) ln -sf "$program" "$home/bin" ;; esac
done
ln -sf "$(command -v node)" "$home/bin"
HOME=$home PATH=$home/bin unshare --net "$@"`

function restoreTests({ clones }: Labs, { volume }: { volume: () => string }): void {
  test.runIf(process.getuid?.() === 0)('a first restore without Terraform is refused, and nothing is started', () =>
    recorded(part, 'restore of a clone without Terraform', async () => {
      const { copy, id } = clones[0]!
      const command = ['./lab', 'restore', base, '--yes']
      const { exitCode, all } = await copy.run('bash', '-ec', withoutTerraform, 'bash', ...command)
      expect(exitCode, tail(all)).toBe(1)
      expect(String(all)).toMatch(/^Terraform: Go is missing, but is needed to build OpenTofu and the providers/m)
      expect(await readHalf(copy, id)).toEqual([])
      expect(existsSync(join(copy.root, '.lab/lab.json'))).toBe(false)
      return 'refused; no part of it is there'
    }),
  )

  test('a first restore that is killed is finished by the next one', () =>
    recorded(part, 'restore of a clone, killed by SIGKILL', async () => {
      const { copy, id } = clones[0]!
      const blow = { kind: 'SIGKILL', marker: /✓ exchange/, latestSeconds: 120, delaySeconds: 3 } as const
      const ended = await runAndKill(copy, ['restore', base, '--yes'], blow)
      expect(ended.hit).toBe(true)
      await expectSaveWhole(id, base)
      const half = await readHalf(copy, id)
      const said = await expectRun(copy, 'restore', base, '--yes')
      expect(said.includes('a restore was interrupted')).toBe(half.includes('.lab/restore.json'))
      return `killed after "${ended.at}", then restored and verified`
    }))

  test.each(names)('%s is what was saved, verified, and Terraform plans nothing', (name) =>
    recorded(part, 'restore of a clone', async () => {
      const { copy, id } = clones.find((clone) => clone.name === name)!
      const took = stopwatch()
      const isNew = !existsSync(join(copy.root, '.lab/lab.json'))
      if (isNew) await expectRun(copy, 'restore', base, '--yes')
      const how = isNew ? `restored in ${took.shown()}` : 'the one that was killed'
      expect(await readLabId(copy)).toBe(id)
      await expectVerified(copy)
      expect(await readMark(copy)).toBe('saved')
      const known = await asRoot(`head -c 9000000 ${await volumeFile(copy, volume())} | sha256sum`)
      expect(known).toBe(await asRoot('yes known | head -c 9000000 | sha256sum'))
      expect(await client(copy, 'server', 'show', 'mine', '-f', 'value', '-c', 'status')).toBe('ACTIVE')
      const { exitCode, all } = await copy.run('./lab', 'plan')
      expect(String(all)).toContain('./lab up would change nothing')
      expect(exitCode).toBe(0)
      return how
    }),
  )
}
