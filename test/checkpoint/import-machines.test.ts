import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { describe, expect, test } from 'vitest'
import { exportSave } from '../../scripts/checkpoint/export.ts'
import { packHostFiles } from '../../scripts/checkpoint/host-files.ts'
import { importSave } from '../../scripts/checkpoint/import.ts'
import type { Save } from '../../scripts/checkpoint/saves.ts'
import type { Lab } from '../../scripts/declaration/lab.ts'
import { checkpoint } from '../../scripts/nodes/vm-disks.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { checkoutOfLab, here, progress, put, repack, saveOf } from '../fixtures/saved-checkout.ts'

const hasImages = execaSync('sh', ['-c', 'command -v qemu-img zstd'], { reject: false }).exitCode === 0

const uuids = { pool: '90166981-2912-4437-b0b7-73ad41525d25', controller: '18b7ddff-d9b0-4d68-91fe-6ab1485106ba' }

/** As Terraform's state knows the machines of a lab whose folder is in `base`. */
function machines(base: string, id: string): unknown[] {
  const resource = (type: string, name: string, attributes: object) => ({
    mode: 'managed',
    type: `libvirt_${type}`,
    name,
    provider: 'provider["registry.terraform.io/dmacvicar/libvirt"]',
    instances: [{ attributes }],
  })
  const volumes = ['root', 'controller-root', 'controller-volumes', 'compute1-root'].map((name) => `${name}.qcow2`)
  return [
    resource('pool', 'image_pool', { id: uuids.pool, name: 'duostack-pool' }),
    resource('domain', 'controller', { id: uuids.controller, name: 'duostack-controller' }),
    resource('domain', 'compute1', { id: 'b769a1be-3c73-4970-8e02-f373229dd985', name: 'duostack-compute1' }),
    ...[...volumes, 'vmlinuz', 'initrd'].map((name) =>
      resource('volume', name.replace(/\W.*/, ''), { id: join(base, id, 'pool', name), name }),
    ),
  ]
}

const bashIn = (folder: string, script: string) =>
  execaSync('bash', ['-euc', script], { cwd: folder, stripFinalNewline: true }).stdout

/** A machine with a save of two virtual machines that were off, the controller saved twice; and the file made of it. */
async function exported(changes: Partial<Save> = {}) {
  const folder = temporaryFolder()
  const [labs, base, file] = [join(folder, 'labs'), join(folder, 'machine'), join(folder, 'lab.tar.zst')]
  const { root, identity } = checkoutOfLab('qemu', ({ id }) => machines(base, id))
  const [pool, at] = [join(labs, identity.id, 'pool'), join(labs, 'saves', identity.id)]
  const [layers, saved] = [join(at, 'layers'), join(at, 'saves/one')]
  for (const path of [pool, layers, join(saved, 'pool')]) mkdirSync(path, { recursive: true })
  bashIn(
    layers,
    `new() { qemu-img create -q -f qcow2 -b "$2" -F qcow2 "$1" 20G; qemu-io -c "write -q -P $3 $3M 64k" "$1"; }
qemu-img create -q -f qcow2 ${pool}/root.qcow2 64M
qemu-io -c 'write -q -P 1 1M 64k' ${pool}/root.qcow2
new 11111111-root.qcow2 ${pool}/root.qcow2 2
new 22222222-root.qcow2 $PWD/11111111-root.qcow2 3
new 33333333-root.qcow2 ${pool}/root.qcow2 4
# As libvirt makes it.
qemu-img create -q -f qcow2 -o compat=0.10 11111111-volumes.qcow2 10G
qemu-io -c 'write -q -P 5 5M 64k' 11111111-volumes.qcow2
chmod 0600 *; chmod 0644 ${pool}/root.qcow2
echo kernel >${pool}/vmlinuz; head -c 200K /dev/urandom >${pool}/initrd; ln ${pool}/* ${saved}/pool`,
  )
  put(join(saved, 'nodes/controller'), '22222222-root.qcow2\n11111111-root.qcow2\n11111111-volumes.qcow2\n')
  put(join(saved, 'nodes/compute1'), '33333333-root.qcow2\n')
  put(join(saved, 'domains/controller/domain.xml'), '<emulator>/tmp/evil</emulator>')
  put(join(saved, 'domains/pool.xml'), '<pool/>')
  const save: Save = { ...saveOf(root, identity), ...changes }
  put(join(saved, 'save.json'), JSON.stringify(save))
  await packHostFiles(root, saved)
  await exportSave(save, file, { progress, places: { labs, images: join(folder, 'images') } })
  return { folder, labs, base, file, save }
}

async function importFrom({ folder, base }: { folder: string; base: string }, file: string, as?: string) {
  const root = join(folder, 'other')
  mkdirSync(root, { recursive: true })
  return importSave(root, file, { progress, base, here, as, images: join(folder, 'images') })
}

/** As a restore does it. */
async function layDown(lab: Lab, base: string) {
  const data = join(base, lab.id)
  mkdirSync(data, { recursive: true })
  const placed = { ...lab, paths: { ...lab.paths, data } }
  await checkpoint.layDown(placed, join(base, 'saves', lab.id, 'saves/one'), join(data, 'restoring'))
  bashIn(data, 'mv restoring/* .; rmdir restoring')
  return data
}

const chainOf = (disk: string) =>
  (
    JSON.parse(execaSync('qemu-img', ['info', '--backing-chain', '--output=json', disk]).stdout) as {
      filename: string
    }[]
  ).map(({ filename }) => filename)

const holds = (disk: string, word: number) =>
  execaSync('qemu-io', ['-r', '-c', `read -q -P ${word} ${word}M 64k`, disk], { reject: false }).stdout === ''

describe.runIf(isRoot && hasImages)('a file with virtual machines from another machine', () => {
  test('becomes a save whose disks lie on each other and on the image in their new places', async () => {
    const made = await exported()
    expect(bashIn(made.folder, `zstd -qdc '${made.file}' | tar -tf - | sort`).split('\n')).toEqual([
      '11111111-root.qcow2',
      '11111111-volumes.qcow2',
      '22222222-root.qcow2',
      '33333333-root.qcow2',
      'checkout.tar',
      'manifest.json',
      'nodes/',
      'nodes/compute1',
      'nodes/controller',
      'pool/',
      'pool/initrd',
      'pool/root.qcow2',
      'pool/vmlinuz',
    ])
    // Nothing of the machine that it comes from is needed.
    rmSync(made.labs, { recursive: true })
    const { save, lab } = await importFrom(made, made.file)
    expect(save).toMatchObject({ id: made.save.id, name: 'one', hypervisor: 'qemu', ownImage: true })
    const data = await layDown(lab, made.base)
    const [pool, layers] = [join(data, 'pool'), join(made.base, 'saves', save.id, 'layers')]
    expect(chainOf(join(pool, 'controller-root.qcow2'))).toEqual([
      join(pool, 'controller-root.qcow2'),
      join(layers, '22222222-root.qcow2'),
      join(layers, '11111111-root.qcow2'),
      join(pool, 'root.qcow2'),
    ])
    expect(chainOf(join(pool, 'compute1-root.qcow2')).slice(1)).toEqual([
      join(layers, '33333333-root.qcow2'),
      join(pool, 'root.qcow2'),
    ])
    expect(chainOf(join(pool, 'controller-volumes.qcow2')).slice(1)).toEqual([join(layers, '11111111-volumes.qcow2')])
    const words = { 'controller-root': [1, 2, 3], 'compute1-root': [1, 4], 'controller-volumes': [5] }
    for (const [disk, all] of Object.entries(words)) {
      for (const word of all) expect(holds(join(pool, `${disk}.qcow2`), word), `${disk} ${word}`).toBe(true)
      expect(execaSync('qemu-img', ['check', '-q', join(pool, `${disk}.qcow2`)], { reject: false }).exitCode).toBe(0)
    }
    for (const layer of readdirSync(layers)) {
      expect(execaSync('qemu-img', ['check', '-q', join(layers, layer)], { reject: false }).exitCode, layer).toBe(0)
    }
    expect(readFileSync(join(pool, 'vmlinuz'), 'utf8')).toBe('kernel\n')
    expect(bashIn(layers, 'stat -c "%a %U" * | sort -u')).toBe('600 root')
    expect(bashIn(join(made.base, 'saves', save.id), 'ls saves; ls saves/one').split('\n')).toEqual([
      'one',
      'checkout.tar',
      'domains',
      'nodes',
      'pool',
      'save.json',
    ])
  })

  test('is defined from descriptions that are made here, under the ids that Terraform knows', async () => {
    const made = await exported()
    const { lab } = await importFrom(made, made.file)
    const nodes = join(await layDown(lab, made.base), 'nodes')
    expect(readFileSync(join(nodes, 'pool.xml'), 'utf8')).toContain(`<uuid>${uuids.pool}</uuid>`)
    const xml = readFileSync(join(nodes, 'controller/domain.xml'), 'utf8')
    expect(xml).toContain(`<uuid>${uuids.controller}</uuid>`)
    expect(xml).toContain(`<source file='${made.base}/${lab.id}/pool/controller-root.qcow2'/>`)
    expect(xml).not.toMatch(/emulator|evil/)
    expect(existsSync(join(nodes, 'compute1/domain.xml'))).toBe(true)
  })

  test('lies on no file that it names itself, and none is opened', async () => {
    const made = await exported()
    // Who opens it to read waits for a writer.
    const planted = join(made.folder, 'planted')
    execaSync('mkfifo', [planted])
    const changed = repack(
      made.folder,
      made.file,
      `qemu-img rebase -u -f qcow2 -b ${planted} -F raw 11111111-root.qcow2
qemu-img rebase -u -f qcow2 -b 'json:{"driver":"raw","file":{"driver":"file","filename":"${planted}"}}' -F raw 11111111-volumes.qcow2`,
    )
    const { lab } = await importFrom(made, changed)
    const data = await layDown(lab, made.base)
    for (const name of ['controller-root', 'controller-volumes']) {
      expect(chainOf(join(data, `pool/${name}.qcow2`)).join()).not.toContain('planted')
    }
    const all = join(made.base, 'saves', lab.id, 'layers')
    expect(bashIn(all, 'grep -c planted * || :')).not.toMatch(/:[1-9]/)
  })

  const inCheckout = (change: string) =>
    `mkdir c; tar -xf checkout.tar -C c; cd c/.lab/terraform; ${change}; cd ../../..; tar -cf checkout.tar -C c .; rm -r c`

  const hostile: Record<string, [script: string, said: RegExp]> = {
    'an image that lies on another file': [
      'qemu-img rebase -u -f qcow2 -b /etc/passwd -F raw pool/root.qcow2',
      /pool\/root\.qcow2 lies on another image/,
    ],
    'a disk whose data is in another file': [
      'qemu-img create -q -f qcow2 -o data_file=/tmp/duostack-planted,data_file_raw=on 11111111-volumes.qcow2 64k; rm /tmp/duostack-planted',
      /11111111-volumes\.qcow2 has its data in another file/,
    ],
    'the name of another file for its data alone': [
      `qemu-img create -q -f qcow2 -o data_file=/tmp/duostack-planted,data_file_raw=on 11111111-volumes.qcow2 64k; rm /tmp/duostack-planted
printf '\\0' | dd of=11111111-volumes.qcow2 bs=1 seek=79 conv=notrunc status=none`,
      /11111111-volumes\.qcow2 has its data in another file/,
    ],
    'a feature that a lab does not use': [
      'qemu-img create -q -f qcow2 -o compression_type=zstd 33333333-root.qcow2 20G',
      /33333333-root\.qcow2 has features/,
    ],
    'an encrypted disk': [
      `printf '\\2' | dd of=33333333-root.qcow2 bs=1 seek=35 conv=notrunc status=none`,
      /33333333-root\.qcow2 is encrypted/,
    ],
    'a snapshot in a disk': ['qemu-img snapshot -c evil pool/root.qcow2', /pool\/root\.qcow2 has snapshots/],
    'a disk that is larger than declared': [
      'qemu-img create -q -f qcow2 33333333-root.qcow2 21G',
      /33333333-root\.qcow2 is a disk of 21 GiB[\s\S]*up to 20 GiB/,
    ],
    'an image that is larger than a node': [
      'qemu-img create -q -f qcow2 pool/root.qcow2 21G',
      /pool\/root\.qcow2 is a disk of 21 GiB/,
    ],
    'a disk of another format': [
      'head -c 64K /dev/zero >33333333-root.qcow2',
      /33333333-root\.qcow2 is no qcow2 image/,
    ],
    'an image without a whole head': ['head -c 50 pool/vmlinuz >pool/root.qcow2', /pool\/root\.qcow2 is no qcow2/],
    'a domain of its own': [
      'mkdir -p domains/controller; echo "<emulator>/tmp/evil</emulator>" >domains/controller/domain.xml',
      /an entry that no save has: domains/,
    ],
    'a network of its own': [
      'echo "<network/>" >duostack-management.network.xml',
      /an entry that no save has: duostack-management\.network\.xml/,
    ],
    'a secret key of a node': [
      inCheckout('cp ../ssh/id_ed25519 ../ssh/controller_host_ed25519'),
      /controller_host_ed25519 is not the public half of a key/,
    ],
    'a link in the pool': ['ln -sf /etc/passwd pool/vmlinuz', /pool\/vmlinuz is not an ordinary file/],
    'two names for one file': ['ln -f 33333333-root.qcow2 pool/vmlinuz', /is not an ordinary file/],
    'a set-uid file in the pool': ['chmod 4755 pool/initrd', /pool\/initrd is not an ordinary file/],
    'a device': ['rm pool/vmlinuz; mknod pool/vmlinuz b 8 0', /pool\/vmlinuz is not an ordinary file/],
    'a pool that is a link': [
      'mv pool/initrd 99999999-root.qcow2; rm -r pool; ln -s /etc pool',
      /pool is not an ordinary folder|without its node image/,
    ],
    'another file in the pool': ['echo evil >pool/evil', /an entry that no save has: pool\/evil/],
    'a file too few': ['rm pool/vmlinuz', /a save without pool\/vmlinuz/],
    'a list that is a path': ['echo ../../../etc/x-root.qcow2 >nodes/compute1', /compute1 has a list of layers/],
    'a list that is a link': ['ln -sf /etc/passwd nodes/compute1', /nodes\/compute1 is not an ordinary file/],
    'a list without end': ['yes 33333333-root.qcow2 | head -110 >nodes/compute1', /nodes\/compute1 is not an ordinary/],
    'memory in a list': ['echo 12345678.memory >>nodes/compute1', /compute1 has a list of layers/],
    'one layer for two nodes': ['cp nodes/controller nodes/compute1', /compute1 has a list of layers/],
    'a layer twice': ['cat nodes/compute1 nodes/compute1 >l; mv l nodes/compute1', /other layers than the lists/],
    'a layer that is not there': ['echo 99999999-root.qcow2 >>nodes/compute1', /other layers than the lists/],
    'a layer that no node has': ['head -c 1K pool/initrd >99999999-root.qcow2', /other layers than the lists/],
    'memory in its head': [
      `sed -i 's/"hypervisor":"qemu"/"hypervisor":"qemu","memory":{"processor":"p","qemu":"7"}/' manifest.json`,
      /a save with the memory of its nodes/,
    ],
    'a volume elsewhere in a state': [
      inCheckout('sed -i \'s,"[^"]*/pool/vmlinuz","/var/lib/libvirt/images/other",\' nodes.tfstate'),
      /libvirt_volume vmlinuz with id \/var\/lib\/libvirt\/images\/other/,
    ],
    'a machine more in a state': [
      inCheckout(`sed -i 's/"name":"duostack-compute1"/"name":"other"/' nodes.tfstate`),
      /nodes\.tfstate has libvirt_domain other/,
    ],
    'a machine in another state': [inCheckout('cp nodes.tfstate cloud.tfstate'), /cloud\.tfstate has a machine/],
    'a state without the machines': [inCheckout('cp cloud.tfstate nodes.tfstate'), /does not have libvirt_pool/],
  }
  test.each(Object.entries(hostile))('is refused with %s, and nothing of it is left', async (_, [script, said]) => {
    const made = await exported()
    await expect(importFrom(made, repack(made.folder, made.file, script))).rejects.toThrow(said)
    expect(existsSync(join(made.base, 'saves'))).toBe(false)
  })

  test('is no new lab: that is refused before anything is unpacked', async () => {
    const made = await exported()
    await expect(importFrom(made, made.file, 'student1')).rejects.toThrow(
      /--as student1 for a lab of qemu: a virtual machine's identity is inside its disk/,
    )
    expect(existsSync(made.base)).toBe(false)
  })

  test('is not made of a save with memory', async () => {
    await expect(exported({ memory: { processor: 'p', qemu: '7' } })).rejects.toThrow(
      /save one: holds the memory of running nodes[\s\S]*\.\/lab stop && \.\/lab save one-off && \.\/lab start/,
    )
  })
})
