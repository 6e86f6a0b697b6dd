import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { describe, expect, onTestFinished, test } from 'vitest'
import { removeSaves } from '../../scripts/checkpoint/tidy.ts'
import { checkpoint, findLower } from '../../scripts/nodes/container-layers.ts'
import { mostLayers } from '../../scripts/nodes/layers.ts'
import { savesPaths } from '../../scripts/run/paths.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { killedAt } from '../fixtures/killed-at.ts'
import { fixtureLab, fixtureNode } from '../fixtures/lab.ts'

/** A lab of one node, whose image, changes and mount are in a folder of the test; the folder may be a mount of itself. */
function scratchLab({ bound = false } = {}) {
  const folder = temporaryFolder()
  const base = fixtureLab('lxc')
  const paths = { ...base.paths, data: join(folder, 'lab/1a2b3c4d'), image: join(folder, 'image') }
  const lab = { ...base, paths, nodes: [fixtureNode('controller', 11)] }
  const node = join(paths.data, 'nodes/controller')
  const root = join(node, 'root')
  for (const path of [join(paths.image, 'root/etc'), join(node, 'upper'), join(paths.data, 'volumes/shared')])
    mkdirSync(path, { recursive: true })
  const bash = (script: string) => execaSync('bash', ['-euc', script]).stdout
  if (bound) bash(`mount --bind '${paths.data}' '${paths.data}'; mount --make-shared '${paths.data}'`)
  onTestFinished(() => {
    bash(`umount '${root}' 2>/dev/null || :; if mountpoint -q '${paths.data}'; then umount -l '${paths.data}'; fi`)
  })
  /** As `mountRoot` does. */
  const mount = () =>
    bash(`mkdir -p '${node}/upper' '${node}/work' '${root}'
${findLower(lab, 'controller', join(paths.image, 'root'))}
mount -t overlay test -o "lowerdir=$lower,upperdir=${node}/upper,workdir=${node}/work" '${root}'`)
  const inRoot = (path: string) => join(root, path)
  const save = async (name: string) => {
    const to = savesPaths(lab).of(name)
    mkdirSync(to, { recursive: true })
    await checkpoint.prepare(lab, to)
    await checkpoint.keep(lab, to)
    mount()
    return to
  }
  const layers = () => readdirSync(savesPaths(lab).layers).sort()
  const list = () => readFileSync(join(node, 'layers'), 'utf8').trim().split('\n')
  return { folder, lab, node, root, bash, mount, inRoot, save, layers, list }
}

/** Everything below a folder with type, mode, owner, extended attributes and content. */
const fingerprint = (path: string) =>
  execaSync('bash', [
    '-c',
    `cd '${path}' && find . -printf '%p %y %m %U %l\\n' | sort; find . -type f -exec sha256sum {} + | sort`,
  ]).stdout

describe.runIf(isRoot)('layers of container nodes, on real overlays', () => {
  test.each([false, true])(
    'what is written in place after a save is not in the save (folder bound to itself: %s)',
    async (bound) => {
      const { lab, mount, inRoot, save, layers } = scratchLab({ bound })
      mount()
      writeFileSync(inRoot('ibdata1'), Buffer.alloc(5_000_000, 'a'))
      writeFileSync(join(lab.paths.data, 'volumes/shared/volume'), 'before')
      const folder = await save('one')
      expect(layers()).toHaveLength(1)
      const before = fingerprint(savesPaths(lab).base)
      // In place, as a database does, and a hard link, which would share an inode with the save if there were one.
      execaSync('bash', [
        '-c',
        `printf X | dd of='${inRoot('ibdata1')}' bs=1 seek=1000 conv=notrunc; ln '${inRoot('ibdata1')}' '${inRoot('link')}'; echo more >>'${inRoot('link')}'`,
      ])
      writeFileSync(join(lab.paths.data, 'volumes/shared/volume'), 'after')
      rmSync(inRoot('etc'), { recursive: true })
      expect(fingerprint(savesPaths(lab).base)).toBe(before)
      expect(readFileSync(join(folder, 'volumes/shared/volume'), 'utf8')).toBe('before')
    },
  )

  test('a save laid down elsewhere shows what was saved', async () => {
    const { lab, folder, node, root, bash, mount, inRoot, save } = scratchLab()
    mount()
    writeFileSync(inRoot('etc/name'), 'one')
    const saved = await save('one')
    writeFileSync(inRoot('etc/name'), 'two')
    const to = join(folder, 'restoring')
    await checkpoint.layDown(lab, saved, to)
    bash(`umount '${root}'; rm -rf '${node}'; mv '${to}/nodes/controller' '${node}'`)
    mount()
    expect(readFileSync(inRoot('etc/name'), 'utf8')).toBe('one')
  })

  test(`more than ${mostLayers} layers are merged into one that hides and shows the same`, async () => {
    const { lab, root, bash, mount, inRoot, save, list } = scratchLab()
    bash(
      `cd '${lab.paths.image}/root'; mkdir -p a/b keep; echo image | tee a/b/file keep/file etc/gone >/dev/null; ln -s etc link`,
    )
    mount()
    const steps = [
      'rm etc/gone; echo 1 >a/b/new',
      'rm -r a; mkdir a; echo opaque >a/only',
      'rm link; mkdir link; echo x >link/file',
      'rm -r link; echo file >link',
      'chmod 0700 keep; chown 12:34 keep/file; mknod pipe p',
      'mkdir -p deep/er; echo 1 >deep/er/f; ln deep/er/f deep/er/hard',
      'rm -r deep; echo now >deep',
      'echo last >>keep/file; rm pipe',
    ]
    for (const [index, step] of steps.entries()) {
      bash(`cd '${root}'; ${step}`)
      await save(`save-${index}`)
    }
    expect(list()).toHaveLength(mostLayers)
    const before = fingerprint(root)
    await save('merged')
    expect(list()).toHaveLength(2)
    expect(fingerprint(root)).toBe(before)
    expect(existsSync(inRoot('a/b'))).toBe(false)
    expect(existsSync(inRoot('etc/gone'))).toBe(false)
    expect(bash(`stat -c '%h %U' '${inRoot('keep/file')}'`)).toMatch(/^1 /)
  })

  test('a save that was killed before the changes were moved is taken back; one that was killed after is finished', () => {
    const { lab, node, bash, mount, inRoot, root } = scratchLab()
    const { layers } = savesPaths(lab)
    mount()
    writeFileSync(inRoot('file'), 'mine')
    bash(`umount '${root}'; mkdir -p '${layers}'; echo 0123abcd >'${node}/layers.next'`)
    mount()
    expect(readFileSync(inRoot('file'), 'utf8')).toBe('mine')
    expect(existsSync(join(node, 'layers.next'))).toBe(false)
    bash(`umount '${root}'; echo 0123abcd >'${node}/layers.next'; mv '${node}/upper' '${layers}/0123abcd'`)
    mount()
    expect(readFileSync(inRoot('file'), 'utf8')).toBe('mine')
    expect(readFileSync(join(node, 'layers'), 'utf8')).toBe('0123abcd\n')
  })

  test('killed before any of its commands, a save loses nothing, and the next one is whole', async () => {
    let killed = true
    for (let n = 1; killed; n++) {
      const { lab, folder, node, root, bash, mount, inRoot, save, list } = scratchLab()
      mount()
      writeFileSync(inRoot('old'), 'old')
      await save('old')
      // As if it had been merged from many, while the nodes still ran.
      bash(`cp -a '${savesPaths(lab).layers}/${list()[0]}' '${savesPaths(lab).layers}/00000000'`)
      writeFileSync(join(node, 'layers.merged'), '00000000\n')
      writeFileSync(inRoot('mine'), 'mine')
      const partial = savesPaths(lab).of('.new.partial')
      mkdirSync(partial)
      killed = await killedAt(folder, n, () => checkpoint.keep(lab, partial))
      await removeSaves(lab)
      bash(`if mountpoint -q '${root}'; then umount '${root}'; fi`)
      mount()
      const seen = () => ['old', 'mine'].map((name) => existsSync(inRoot(name)) && readFileSync(inRoot(name), 'utf8'))
      expect(seen(), `killed before command ${n}`).toEqual(['old', 'mine'])
      const to = await save('next')
      expect(seen(), `after command ${n} and one more save`).toEqual(['old', 'mine'])
      expect(readFileSync(join(to, 'nodes/controller'), 'utf8').trim().split('\n')).toEqual(list())
      bash(`umount '${root}'`)
      if (!killed) expect(n).toBeGreaterThan(20)
    }
  }, 300_000)

  test('an imported node lies on the image that came with it, and needs no other', async () => {
    const { lab, node, bash, mount, inRoot } = scratchLab()
    const { layers: folder } = savesPaths(lab)
    bash(`rm -rf '${lab.paths.image}'; mkdir -p '${folder}/0123abcd' '${folder}/base-4567cdef/etc'
echo theirs >'${folder}/base-4567cdef/etc/name'; printf '0123abcd\\nbase-4567cdef\\n' >'${node}/layers'`)
    mount()
    expect(readFileSync(inRoot('etc/name'), 'utf8')).toBe('theirs\n')
  })

  test('of an imported node, the layers are merged and its image is not', async () => {
    const { lab, node, root, bash, mount, save, list } = scratchLab()
    const { layers: folder } = savesPaths(lab)
    bash(`rm -rf '${lab.paths.image}'; mkdir -p '${folder}/base-4567cdef/etc'
echo theirs >'${folder}/base-4567cdef/etc/name'; echo base-4567cdef >'${node}/layers'`)
    mount()
    for (let number = 1; number <= mostLayers; number++) {
      bash(`echo ${number} >'${root}/etc/own'`)
      await save(`save-${number}`)
    }
    const before = fingerprint(root)
    await save('merged')
    expect(list()).toEqual([expect.any(String), expect.stringMatching(/^[0-9a-f]{8}$/), 'base-4567cdef'])
    expect(fingerprint(root)).toBe(before)
  })

  test('without a node image, a node that needs it is not mounted', () => {
    const { lab, bash, mount } = scratchLab()
    bash(`rm -rf '${lab.paths.image}'`)
    expect(mount).toThrow(/the node image .* is not there/)
  })

  test('a node whose layer is missing is not started without it', async () => {
    const { lab, root, bash, mount, save, layers } = scratchLab()
    mount()
    await save('one')
    bash(`umount '${root}'; rm -rf '${savesPaths(lab).layers}/${layers()[0]}'`)
    expect(mount).toThrow(/is missing: controller was saved in it/)
  })

  test('a layer stays while a save or the node needs it, and half a save goes', async () => {
    const { lab, root, node, bash, mount, save, layers } = scratchLab()
    mount()
    await save('one')
    await save('two')
    mkdirSync(savesPaths(lab).of('.half.partial'))
    mkdirSync(join(savesPaths(lab).layers, 'ffffffff'))
    await removeSaves(lab, ['one'])
    // The newer save and the node lie on both.
    expect(layers()).toHaveLength(2)
    expect(readdirSync(savesPaths(lab).saves)).toEqual(['two'])
    await removeSaves(lab, ['two'])
    expect(layers()).toHaveLength(2)
    bash(`umount '${root}'; rm -rf '${node}'`)
    await removeSaves(lab)
    expect(existsSync(savesPaths(lab).base)).toBe(false)
  })
})
