/** A machine that has Debian's base, Node.js and no network: what a lab needs comes out of a bundle that is made here. */

import { readFileSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect } from 'vitest'
import { useCheckout } from '../harness/copy.ts'
import { tail } from '../harness/output.ts'
import { stopwatch } from '../harness/timing.ts'
import type { Suite } from './apt.ts'
import { publishInto } from './checkout.ts'
import { asRoot, type Host, inClone, timed, up, verified } from './host.ts'
import { expectAsBefore, readRemains } from './remains.ts'

const source = resolve(import.meta.dirname, '../..')
const bundle = 'duostack.tar'
const saved = 'lesson'

/** The packages of a bundle are for the release that made it. */
export const suiteHere = (): Suite =>
  /^VERSION_CODENAME=trixie$/m.test(readFileSync('/etc/os-release', 'utf8')) ? 'trixie' : 'bookworm'

/** Builds a lab here in a clone of its own, saves it, removes it, and puts the bundle into root's home. */
export async function bundleInto(root: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'duostack-bundle-'))
  const clone = join(folder, 'clone')
  await publishInto(clone)
  for (const name of ['node_modules', 'terraform-providers/gen']) {
    await execa('cp', ['-r', join(source, name), join(clone, name)])
  }
  const { run } = useCheckout(clone)
  const must = async (...words: string[]) => {
    const result = await run('./lab', ...words)
    expect(result.exitCode, `./lab ${words.join(' ')}\n${tail(String(result.all))}`).toBe(0)
  }
  // It is moved into the machine, which may have no room for two.
  const file = join(dirname(root), bundle)
  try {
    await must('up', '--hypervisor', 'lxc')
    await must('save', saved)
    await must('bundle', file, '--save', saved)
  } finally {
    await must('down', '--yes', '--purge')
    await rm(folder, { recursive: true })
  }
  await rename(file, join(root, 'root', bundle))
}

/** It knows no way out, and has nothing of a lab. */
async function expectOffline(host: Host): Promise<void> {
  expect(await asRoot(host, 'tail -n +2 /proc/net/route; ! test -e /sys/class/net/tap0')).toBe('')
  const lacking = await asRoot(
    host,
    'for one in zstd virsh ip terraform tofu git; do ! command -v $one || exit 1; done',
  )
  expect(lacking).toBe('')
}

export async function liveOffline(host: Host): Promise<string> {
  await expectOffline(host)
  const took = stopwatch()
  await asRoot(host, `cd && tar -xf ${bundle} && duostack/offline/install >&2`)
  const installed = `install ${took.shown()}`
  const before = await readRemains(host)
  const restore = `./lab import offline/saves/${saved}.tar.zst --trust && ./lab restore ${saved} --yes`
  const restored = `${await timed(host, 'import and restore', restore)}, ${await verified(host)}`
  await timed(host, 'down', './lab down --yes --purge')
  const built = `${await timed(host, 'up', up(host))}, ${await verified(host)}`
  const down = await timed(host, 'down', './lab down --yes')
  const repeated = await inClone(host, 'offline/install', { quiet: true })
  expect(repeated.exitCode, tail(repeated.all)).toBe(0)
  return [installed, restored, built, down, await expectAsBefore(host, before)].join('; ')
}
