/** A separate lab on a small file system with the nodes' data and the checkout, which a test can fill. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { newIdentity, writeIdentity } from '../../scripts/declaration/identity.ts'
import { loadDeclaration } from '../../scripts/declaration/load.ts'
import { nodeImageDigest } from '../../scripts/image/recipe.ts'
import { kindOf } from '../../scripts/nodes/kind-of.ts'
import { type Copy, copyInstalled } from '../harness/copy.ts'
import { hypervisor } from '../harness/lab.ts'
import { readLabId, readRemains } from '../harness/remains.ts'
import { makeSmall } from './half-built.ts'

export interface SmallDisk {
  copy: Copy
  id: string
  /** Where all of it is mounted. */
  mount: string
  /**
   * To the last block, including those reserved for root; repeated, because something may be freed meanwhile. `spareMiB`
   * are then given back.
   */
  fill(spareMiB?: number): Promise<void>
  /** To the last inode, with free blocks left. */
  fillInodes(): Promise<void>
  makeRoom(): Promise<void>
  /** Removes the lab and the file system in any case; returns what is left of the lab. */
  close(): Promise<string[]>
}

const gib = 2 ** 30
/** A lab and its node modules take less than 2 GiB. */
const diskGiB = 6

/**
 * Other labs of this machine keep their folders: only this lab's folder in /var/lib/duostack is mounted over. `saves`:
 * those of the lab are in that folder too, because nothing can be renamed across mounts. It is mounted twice then, because
 * a save takes the uppermost mount for the one that a lab has of itself.
 */
export async function openSmallDisk({ saves = false } = {}): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'duostack-disk-'))
  const [file, mount] = [join(folder, 'file'), join(folder, 'disk')]
  // Few inodes, so that they are used up in seconds.
  await asRoot(`truncate -s ${diskGiB * gib} ${file}
mkfs.ext4 -q -N 65536 ${file}
mkdir ${mount}
mount -o loop ${file} ${mount}
chmod 1777 ${mount}
install -d -m 0711 ${mount}/data`)
  const copy = await copyTo(mount)
  await makeSmall(copy)
  const id = await settle(copy)
  const data = `/var/lib/duostack/${id}`
  const link = `/var/lib/duostack/saves/${id}`
  await asRoot(`install -d -m 0711 /var/lib/duostack ${data}; mount --bind ${mount}/data ${data}`)
  if (saves)
    await asRoot(`mount --bind ${data} ${data}
install -d -m 0755 /var/lib/duostack/saves ${data}/saves/${id}; ln -s ${data}/saves/${id} ${link}`)
  return {
    copy,
    id,
    mount,
    async fill(spareMiB = 0) {
      const spare = `${mount}/spare`
      if (spareMiB > 0) await asRoot(`fallocate -l ${spareMiB}M ${spare}`)
      await asRoot(`${fillScript(`${mount}/ballast`)}
rm -f ${spare}; sync -f ${mount}`)
    },
    fillInodes: () =>
      asRoot(`mkdir -p ${mount}/ballast; cd ${mount}/ballast
seq 1 70000 | xargs touch 2>/dev/null || true`),
    makeRoom: () => asRoot(`rm -rf ${mount}/ballast`),
    async close() {
      await copy.run('./lab', 'down', '--yes')
      const remains = await readRemains(id)
      await asRoot(`for point in ${data} ${mount}; do
  while mountpoint -q $point; do umount $point 2>/dev/null || umount -l $point; done
done
if [ -L ${link} ]; then rm ${link}; fi
rmdir ${data} /var/lib/duostack/saves /var/lib/duostack 2>/dev/null || true`)
      await rm(folder, { recursive: true })
      return remains
    },
  }
}

/** Large pieces first, single blocks last. */
const fillScript = (folder: string) => `mkdir -p ${folder}
size=${gib} number=$(find ${folder} -type f | wc -l)
while ((size >= 4096)); do
  while fallocate -l $size ${folder}/$((++number)) 2>/dev/null; do :; done
  rm -f ${folder}/$number
  ((size /= 2))
done
sync -f ${folder}`

async function asRoot(script: string): Promise<void> {
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n', '--']
  const [file = '', ...args] = [...sudo, 'bash', '-s']
  await execa(file, args, { input: `set -eu\n${script}\n` })
}

async function copyTo(folder: string): Promise<Copy> {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  try {
    return await copyInstalled()
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}

/**
 * Creates the identity that the first `up` would write: it chooses the id that names the lab's folder, and the file
 * system must be mounted there before anything is in it.
 */
async function settle(copy: Copy): Promise<string> {
  writeIdentity(
    copy.root,
    newIdentity(loadDeclaration(copy.root), {
      hypervisor: hypervisor as 'lxc' | 'qemu' | 'kvm',
      isolation: 'netns',
      imageDigest: nodeImageDigest(),
      terraform: { name: 'terraform', path: 'terraform' },
      capabilities: await kindOf({ hypervisor: hypervisor as 'lxc' }).capabilities(),
    }),
  )
  return (await readLabId(copy))!
}
