import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { execaSync } from 'execa'
import { describe, expect, onTestFinished, test } from 'vitest'
import { removeSaves } from '../../scripts/checkpoint/tidy.ts'
import { mostLayers } from '../../scripts/nodes/layers.ts'
import { checkpoint } from '../../scripts/nodes/vm-disks.ts'
import { hasMemory, isLaidDown, wake } from '../../scripts/nodes/vm-memory.ts'
import { savedStates } from '../../scripts/nodes/vm-paths.ts'
import { savesPaths } from '../../scripts/run/paths.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { killedAt } from '../fixtures/killed-at.ts'
import { fixtureLab, fixtureNode } from '../fixtures/lab.ts'

/** A program of libvirt's in words that the test reads: domains are files in a folder, `off` or `running`. */
const fakeVirsh = (folder: string) => `#!/bin/bash
while [ $# -gt 0 ]; do case $1 in -q) shift ;; -c) shift 2 ;; *) break ;; esac; done
echo "$*" >>${folder}/asked
domain=${folder}/domains/$2
case $1 in
  domstate) cat "$domain" 2>/dev/null || { echo 'error: failed to get domain' >&2; exit 1; } ;;
  dumpxml) echo "<domain><name>\${@: -1}</name></domain>" ;;
  pool-dumpxml) echo "<pool/>" ;;
  save-image-dumpxml) printf '<disk>\\n  <backingStore/>\\n</disk>\\n' ;;
  save-image-define) cp "$3" ${folder}/defined ;;
  define) name=$(sed 's/.*<name>//; s/<.*//' "$2"); echo 'shut off' >${folder}/domains/$name ;;
  start) [ ! -e ${folder}/broken ] || { echo 'error: it is broken' >&2; exit 1; }; echo running >"$domain" ;;
esac
exit 0
`

const hasImages = execaSync('sh', ['-c', 'command -v qemu-img'], { reject: false }).exitCode === 0

/** A lab of one machine with two disks, off, whose folder is a mount of itself as that of a lab is. */
function scratchLab() {
  const folder = temporaryFolder()
  const base = fixtureLab('kvm', { isolation: 'netns' })
  const paths = { ...base.paths, data: join(folder, 'lab/1a2b3c4d') }
  const lab = { ...base, paths, nodes: [fixtureNode('controller', 11)] }
  const [pool, states] = [join(paths.data, 'pool'), savedStates(lab)]
  for (const path of [pool, states, join(folder, 'domains'), join(folder, 'bin')]) mkdirSync(path, { recursive: true })
  writeFileSync(join(folder, 'bin/virsh'), fakeVirsh(folder), { mode: 0o755 })
  const usual = process.env['PATH']
  process.env['PATH'] = `${join(folder, 'bin')}:${usual}`
  const bash = (script: string) => execaSync('bash', ['-euc', `cd '${pool}'; ${script}`]).stdout
  bash(`mount --bind '${paths.data}' '${paths.data}'; mount --make-shared '${paths.data}'`)
  onTestFinished(() => {
    process.env['PATH'] = usual
    execaSync('bash', ['-c', `umount -l '${paths.data}'`])
  })
  bash(
    `qemu-img create -q -f qcow2 root.qcow2 8M; qemu-img create -q -f qcow2 -b "$PWD/root.qcow2" -F qcow2 controller-root.qcow2; qemu-img create -q -f qcow2 controller-volumes.qcow2 8M; echo kernel >vmlinuz`,
  )
  const domain = join(folder, 'domains/duostack-controller')
  writeFileSync(domain, 'shut off\n')
  const file = (name: string) => join(paths.data, 'nodes/controller', name)
  const link = join(states, 'duostack-controller.save')
  const write = (disk: string, word: string) => bash(`qemu-io -c 'write -q -P ${word} 0 64k' ${disk}`)
  const holds = (disk: string, word: string) =>
    execaSync('qemu-io', ['-r', '-c', `read -q -P ${word} 0 64k`, join(pool, disk)], { reject: false }).stdout === ''
  const save = async (name: string) => {
    const to = savesPaths(lab).of(name)
    mkdirSync(to, { recursive: true })
    await checkpoint.prepare(lab, to)
    await checkpoint.keep(lab, to)
    return to
  }
  const sums = () => bash(`cd '${savesPaths(lab).layers}'; sha256sum *`)
  /** As a restore does it. */
  const restore = async (saved: string) => {
    const to = join(paths.data, 'restoring')
    await checkpoint.layDown(lab, saved, to)
    execaSync('bash', [
      '-euc',
      `cd '${paths.data}'; rm -rf nodes pool '${domain}'; mv restoring/nodes restoring/pool .; rmdir restoring`,
    ])
  }
  /** Of what a disk shows. */
  const content = (disk: string) => bash(`qemu-img convert -O raw ${disk} raw; sha256sum <raw; rm raw`)
  const list = () => readFileSync(file('layers'), 'utf8').trim().split('\n')
  /** What a disk lies on, and what that lies on, to the end. */
  const chain = (disk: string) =>
    (JSON.parse(bash(`qemu-img info --backing-chain --output=json ${disk}`)) as { filename: string }[])
      .slice(1)
      .map(({ filename }) => basename(filename))
  return { folder, lab, pool, domain, file, link, bash, write, holds, save, sums, restore, content, list, chain }
}

const nodeOf = (lab: ReturnType<typeof fixtureLab>) => lab.nodes[0]!

describe.runIf(isRoot && hasImages)('what saves keep of virtual machines', () => {
  test('every disk goes on under its path, and what is written there does not reach the save', async () => {
    const { pool, write, holds, save, sums, restore } = scratchLab()
    write('controller-root.qcow2', '1')
    write('controller-volumes.qcow2', '1')
    const one = await save('one')
    const before = sums()
    write('controller-root.qcow2', '2')
    write('controller-volumes.qcow2', '2')
    expect(sums()).toBe(before)
    const two = await save('two')
    write('controller-root.qcow2', '3')
    expect(holds('controller-root.qcow2', '3')).toBe(true)
    await restore(two)
    expect(holds('controller-root.qcow2', '2')).toBe(true)
    await restore(one)
    expect(holds('controller-root.qcow2', '1')).toBe(true)
    expect(holds('controller-volumes.qcow2', '1')).toBe(true)
    expect(readdirSync(pool).sort()).toEqual([
      'controller-root.qcow2',
      'controller-volumes.qcow2',
      'root.qcow2',
      'vmlinuz',
    ])
  })

  test('a save still restores after the lab and its pool were removed', async () => {
    const { lab, bash, holds, write, save, restore } = scratchLab()
    write('controller-root.qcow2', '7')
    const saved = await save('one')
    bash(`rm -rf '${lab.paths.data}'/{nodes,pool}`)
    await restore(saved)
    expect(holds('controller-root.qcow2', '7')).toBe(true)
  })

  test('a running node is refused: its disks would be torn', async () => {
    const { domain, save, pool } = scratchLab()
    writeFileSync(domain, 'running\n')
    await expect(save('one')).rejects.toThrow(/controller is running/)
    expect(statSync(join(pool, 'controller-root.qcow2')).nlink).toBe(1)
  })

  test('the memory lies beside the disks, for one start: libvirt finds it where it would have left it', async () => {
    const { folder, lab, file, link, domain, bash, save, restore } = scratchLab()
    writeFileSync(link, 'memory')
    const saved = await save('one')
    // An end of the chain in the description would hide what the disk now lies on.
    expect(readFileSync(join(folder, 'defined'), 'utf8')).not.toContain('backingStore')
    expect(readFileSync(link, 'utf8')).toBe('memory')
    const [name] = readFileSync(join(saved, 'nodes/controller'), 'utf8').split('\n')
    expect(name).toMatch(/^[0-9a-f]{8}\.memory$/)
    await wake(lab, nodeOf(lab))
    expect(existsSync(file('memory'))).toBe(false)
    // Taken by libvirt at the start.
    bash(`rm '${link}'`)
    await restore(saved)
    expect([isLaidDown(lab, nodeOf(lab)), hasMemory(lab, nodeOf(lab))]).toEqual([true, true])
    await wake(lab, nodeOf(lab))
    expect(readFileSync(link, 'utf8')).toBe('memory')
    expect(readFileSync(domain, 'utf8')).toBe('running\n')
    expect(isLaidDown(lab, nodeOf(lab))).toBe(false)
  })

  test('a save of a lab that is off has no memory, and does not take that of an earlier one', async () => {
    const { lab, link, bash, save, restore } = scratchLab()
    writeFileSync(link, 'memory')
    await save('one')
    await wake(lab, nodeOf(lab))
    bash(`rm '${link}'; echo 'shut off' >../../../domains/duostack-controller`)
    const off = await save('off')
    await restore(off)
    expect(hasMemory(lab, nodeOf(lab))).toBe(false)
    await wake(lab, nodeOf(lab))
    expect(existsSync(link)).toBe(false)
  })

  test('memory is not put on disks that were written to since they were laid down', async () => {
    const { lab, link, bash, write, save, restore } = scratchLab()
    writeFileSync(link, 'memory')
    const saved = await save('one')
    await wake(lab, nodeOf(lab))
    bash(`rm '${link}'`)
    await restore(saved)
    write('controller-root.qcow2', '9')
    await wake(lab, nodeOf(lab))
    expect(existsSync(link)).toBe(false)
  })

  test('a node that cannot be started leaves nothing in the way of its removal', async () => {
    const { folder, lab, link, bash, save, restore } = scratchLab()
    writeFileSync(link, 'memory')
    const saved = await save('one')
    await wake(lab, nodeOf(lab))
    bash(`rm '${link}'; echo >'${folder}/broken'`)
    await restore(saved)
    await expect(wake(lab, nodeOf(lab))).rejects.toThrow(/start/)
    expect(existsSync(link)).toBe(false)
  })

  test(`disks on ${mostLayers} images lie on one after the next save, with the same content; older saves keep theirs`, async () => {
    const { lab, bash, save, sums, restore, content, list, chain } = scratchLab()
    const saved: { folder: string; root: string }[] = []
    for (let n = 1; n <= mostLayers; n++) {
      bash(`qemu-io -c 'write -q -P ${n} ${n * 64}k 64k' controller-root.qcow2
qemu-io -c 'write -q -P ${n} 0 ${n * 64}k' controller-volumes.qcow2`)
      // What was there before must not show through what was emptied since.
      if (n === 5) bash("qemu-io -c 'write -q -z 64k 128k' controller-root.qcow2")
      saved.push({ folder: await save(`save-${n}`), root: content('controller-root.qcow2') })
    }
    expect(chain('controller-root.qcow2')).toHaveLength(mostLayers + 1)
    bash("qemu-io -c 'write -q -P 9 1M 64k' controller-root.qcow2")
    const [before, seen] = [sums(), ['controller-root.qcow2', 'controller-volumes.qcow2'].map(content)]
    const merged = { folder: await save('merged'), root: seen[0]! }
    expect(['controller-root.qcow2', 'controller-volumes.qcow2'].map(content)).toEqual(seen)
    expect(chain('controller-root.qcow2')).toHaveLength(3)
    expect(list()).toEqual([
      ...chain('controller-root.qcow2').filter((name) => name !== 'root.qcow2'),
      ...chain('controller-volumes.qcow2'),
    ])
    expect(list()).toHaveLength(4)
    expect(sums().split('\n')).toEqual(expect.arrayContaining(before.split('\n')))
    await removeSaves(lab)
    for (const { folder, root } of [saved[0]!, merged, saved[6]!]) {
      await restore(folder)
      expect(content('controller-root.qcow2')).toBe(root)
    }
  })

  test('killed before every third of its commands, a save over merged images loses nothing, and the next one is whole', async () => {
    let killed = true
    for (let n = 1; killed; n += 3) {
      const { folder, lab, file, bash, write, save, content, list, chain } = scratchLab()
      bash('rm controller-volumes.qcow2')
      write('controller-root.qcow2', '1')
      await save('old')
      const { layers, of } = savesPaths(lab)
      // As if many had been merged, while the nodes still ran.
      bash(`qemu-img create -q -f qcow2 -b '${layers}/${list()[0]}' -F qcow2 '${layers}/00000000-root.qcow2'
qemu-img rebase -q -b "$PWD/root.qcow2" -F qcow2 '${layers}/00000000-root.qcow2'`)
      writeFileSync(file('layers.merged'), `00000000-root.qcow2 ${list()[0]}\n`)
      bash("qemu-io -c 'write -q -P 2 64k 64k' controller-root.qcow2")
      const before = content('controller-root.qcow2')
      const partial = of('.new.partial')
      mkdirSync(partial)
      killed = await killedAt(folder, n, () => checkpoint.keep(lab, partial))
      await removeSaves(lab)
      expect(content('controller-root.qcow2'), `killed before command ${n}`).toBe(before)
      await save('next')
      expect(content('controller-root.qcow2'), `after command ${n} and one more save`).toBe(before)
      expect(list()).toEqual(chain('controller-root.qcow2').filter((name) => name !== 'root.qcow2'))
      if (!killed) expect(n).toBeGreaterThan(20)
    }
  }, 600_000)

  test('what a node lies on stays when the save is deleted, and goes when it lies on it no more', async () => {
    const { lab, holds, write, save, restore } = scratchLab()
    write('controller-root.qcow2', '1')
    const empty = await save('empty')
    write('controller-root.qcow2', '2')
    await save('one')
    await removeSaves(lab, ['one'])
    expect(holds('controller-root.qcow2', '2')).toBe(true)
    await restore(empty)
    await removeSaves(lab)
    const left = readdirSync(savesPaths(lab).layers)
    expect(left).toHaveLength(2)
  })
})
