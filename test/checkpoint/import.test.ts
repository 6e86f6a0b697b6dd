import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { describe, expect, test } from 'vitest'
import { exportSave } from '../../scripts/checkpoint/export.ts'
import { takeOver } from '../../scripts/checkpoint/foreign.ts'
import { packHostFiles } from '../../scripts/checkpoint/host-files.ts'
import { importSave } from '../../scripts/checkpoint/import.ts'
import type { Save } from '../../scripts/checkpoint/saves.ts'
import { removeSaves } from '../../scripts/checkpoint/tidy.ts'
import { checkSize } from '../../scripts/checkpoint/unpack.ts'
import { readIdentity } from '../../scripts/declaration/identity.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { checkoutOfLab, digest, here, progress, put, repack, saveOf } from '../fixtures/saved-checkout.ts'

function judge(change: (root: string) => void) {
  const { root } = checkoutOfLab()
  change(root)
  const to = temporaryFolder()
  return { to, judged: () => takeOver(root, to, here) }
}

const edit = (root: string, path: string, from: string | RegExp, to: string) =>
  writeFileSync(join(root, path), readFileSync(join(root, path), 'utf8').replace(from, to))

describe('what of a checkout in a file is taken over', () => {
  test('identity, keys, secrets, states and declaration; programs and what this machine decides are its own', () => {
    const { to, judged } = judge((root) => {
      writeFileSync(
        join(root, '.lab/terraform/terraform.rc'),
        'provider_installation { dev_overrides { "x" = "/tmp/evil" } }',
      )
      writeFileSync(join(root, '.lab/ssh/ssh_config'), 'ProxyCommand /tmp/evil')
      writeFileSync(join(root, '.lab/ssh/known_hosts'), 'evil')
      writeFileSync(join(root, 'evil.sh'), '', { mode: 0o755 })
    })
    judged()
    expect(readIdentity(to)).toMatchObject({ terraform: here.terraform, capabilities: here.capabilities, timeScale: 2 })
    expect(execaSync('find', [to, '-type', 'f', '-printf', '%P %m\n']).stdout.split('\n').sort()).toEqual([
      '.lab/lab.json 600',
      '.lab/ssh/compute1_host_ed25519 600',
      '.lab/ssh/compute1_host_ed25519.pub 600',
      '.lab/ssh/controller_host_ed25519 600',
      '.lab/ssh/controller_host_ed25519.pub 600',
      '.lab/ssh/id_ed25519 600',
      '.lab/ssh/id_ed25519.pub 600',
      '.lab/terraform/cloud.tfstate 600',
      '.lab/terraform/nodes.tfstate 600',
      '.lab/terraform/services.tfstate 600',
      'ansible-vars/group_vars/all.yml 600',
      'ansible-vars/group_vars/compute.yml 600',
      'ansible-vars/group_vars/controller.yml 600',
      'ansible-vars/group_vars/storage.yml 600',
      'ansible-vars/hosts.yml 600',
      'ansible-vars/secrets.yml 600',
    ])
    expect(readFileSync(join(to, '.lab/terraform/nodes.tfstate'), 'utf8')).toContain(
      '"provider":"provider[\\"registry.opentofu.org/dmacvicar/libvirt\\"]"',
    )
    expect(readdirSync(to, { recursive: true }).join()).not.toMatch(/evil|terraform\.rc|ssh_config/)
  })

  const hostile: Record<string, [change: (root: string) => void, said: RegExp]> = {
    'a link in place of a file': [
      (root) => {
        rmSync(join(root, 'ansible-vars/hosts.yml'))
        symlinkSync('/etc/passwd', join(root, 'ansible-vars/hosts.yml'))
      },
      /not an ordinary file/,
    ],
    'a set-uid file': [(root) => chmodSync(join(root, 'ansible-vars/hosts.yml'), 0o4755), /not an ordinary file/],
    "another program's provider in a state": [
      (root) => edit(root, '.lab/terraform/nodes.tfstate', '"libvirt_network"', '"evil_thing"'),
      /impossible values: resources\.0\.type/,
    ],
    'a data source in a state': [
      (root) => edit(root, '.lab/terraform/nodes.tfstate', '"managed"', '"data"'),
      /impossible values: resources\.0\.mode/,
    ],
    'a state that is none': [(root) => writeFileSync(join(root, '.lab/terraform/cloud.tfstate'), '{'), /is not JSON/],
    'a key with a second line': [
      (root) => edit(root, '.lab/ssh/id_ed25519.pub', / key\n$/, ' key\nssh-ed25519 AAAA evil\n'),
      /is not a key pair/,
    ],
    'an id that is a path': [
      (root) => edit(root, '.lab/lab.json', /"id": "\w+"/, '"id": "../../etc"'),
      /impossible value: id/,
    ],
    'a name that is a command': [
      (root) => edit(root, '.lab/lab.json', '"name": "duostack"', '"name": "x; reboot"'),
      /x; reboot/,
    ],
    'a mistake in the declaration': [
      (root) => edit(root, 'ansible-vars/hosts.yml', '10.0.0.31', '$(id)'),
      /hosts\.yml:\d+/,
    ],
    'a secret that would leave its quotes': [
      (root) => edit(root, 'ansible-vars/secrets.yml', /^admin_password: .*$/m, 'admin_password: "a\'; id"'),
      /admin_password/,
    ],
  }
  test.each(Object.entries(hostile))('refused: %s', (_, [change, said]) => {
    expect(judge(change).judged).toThrow(said)
  })
})

/** A machine with a save on it, and the file that is exported from it. */
async function exported(fill: (saved: string) => void = () => {}) {
  const folder = temporaryFolder()
  const [labs, images, file] = [join(folder, 'labs'), join(folder, 'images'), join(folder, 'lab.tar.zst')]
  const { root, identity } = checkoutOfLab()
  const at = join(labs, 'saves', identity.id)
  put(join(images, digest, 'tree/root/etc/image'), 'image')
  put(join(images, digest, 'tree/root/dev/null'), '')
  put(join(images, digest, 'tree/root/usr/bin/su'), '')
  chmodSync(join(images, digest, 'tree/root/usr/bin/su'), 0o4755)
  symlinkSync('tree/root', join(images, digest, 'root'))
  put(join(at, 'layers/11111111/etc/own'), 'own')
  put(join(at, 'layers/22222222/etc/own'), 'own')
  execaSync('mknod', [join(at, 'layers/11111111/etc/gone'), 'c', '0', '0'])
  execaSync('python3', [
    '-c',
    `import os; os.setxattr(${JSON.stringify(join(at, 'layers/22222222/etc'))}, 'trusted.overlay.opaque', b'y')`,
  ])
  const saved = join(at, 'saves/one')
  put(join(saved, 'nodes/controller'), '11111111\n')
  put(join(saved, 'nodes/compute1'), '22222222\n11111111\n')
  put(join(saved, 'volumes/shared/volume'), 'volume')
  fill(saved)
  const save = saveOf(root, identity)
  put(join(saved, 'save.json'), JSON.stringify(save))
  await packHostFiles(root, saved)
  await exportSave(save, file, { progress, places: { labs, images } })
  return { folder, file, save }
}

const importTo = (folder: string, file: string) => {
  const [root, base] = [join(folder, 'other'), join(folder, 'machine')]
  mkdirSync(root, { recursive: true })
  return { root, base, done: importSave(root, file, { progress, base, here }) }
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r+'))
    return true
  } catch {
    return false
  }
}

describe.runIf(isRoot && existsSync('/usr/bin/zstd'))('a file from another machine', () => {
  test('is a save afterwards, with an image of its own below its layers', async () => {
    const { folder, file, save } = await exported()
    const { root, base, done } = importTo(folder, file)
    expect((await done).save).toEqual({
      ...save,
      root,
      ownImage: true,
      source: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const at = join(base, 'saves', save.id)
    const [image, ...layers] = readdirSync(join(at, 'layers')).sort().reverse()
    expect(image).toMatch(/^base-[0-9a-f]{8}$/)
    expect(layers).toEqual(['22222222', '11111111'])
    expect(readFileSync(join(at, 'saves/one/nodes/compute1'), 'utf8')).toBe(`22222222\n11111111\n${image}\n`)
    expect(readdirSync(join(at, 'layers', image!, 'dev'))).toEqual([])
    const seen = execaSync('bash', [
      '-c',
      `cd '${at}'; stat -c '%t:%T %F' layers/11111111/etc/gone; stat -c %a layers layers/*/usr/bin/su saves/one saves/one/volumes saves/one/checkout.tar; cat saves/one/volumes/shared/volume
python3 -c "import os; print(os.getxattr('layers/22222222/etc', 'trusted.overlay.opaque'))"; ls saves; ls -A '${root}'/.lab`,
    ])
    expect(seen.stdout.split('\n')).toEqual([
      '0:0 character special file',
      '700',
      '4755',
      '755',
      '700',
      '600',
      "volumeb'y'",
      'one',
    ])
  })

  test('may hold disks that were written here and there', async () => {
    const { folder, file, save } = await exported((saved) => {
      // Room that was reserved and not written is a hole until reading ahead has brought it to memory.
      execaSync('python3', [
        '-c',
        `import os, sys
disk = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
os.posix_fallocate(disk, 0, 40 << 20)
os.truncate(disk, 60 << 20)
for piece in range(20): os.pwrite(disk, os.urandom(65536), piece << 21)
os.fsync(disk)
os.posix_fadvise(disk, 0, 0, os.POSIX_FADV_DONTNEED)`,
        join(saved, 'volumes/shared/holes'),
      ])
    })
    const { base, done } = importTo(folder, file)
    await done
    expect(statSync(join(base, 'saves', save.id, 'saves/one/volumes/shared/holes')).size).toBe(60 << 20)
  })

  describe('without the node image, as in a bundle', () => {
    async function carried() {
      const { folder, save } = await exported()
      const [file, places] = [join(folder, 'small'), { labs: join(folder, 'labs'), images: join(folder, 'images') }]
      await exportSave(save, file, { progress, places, withoutImage: true })
      const [root, base] = [join(folder, 'other'), join(folder, 'machine')]
      mkdirSync(root)
      return { save, base, by: (images: string) => importSave(root, file, { progress, base, here, images }), ...places }
    }

    test('takes that of this machine', async () => {
      const { save, base, images, by } = await carried()
      expect((await by(images)).save).not.toHaveProperty('ownImage')
      const at = join(base, 'saves', save.id)
      expect(readdirSync(join(at, 'layers')).sort()).toEqual(['11111111', '22222222'])
      expect(readFileSync(join(at, 'saves/one/nodes/compute1'), 'utf8')).toBe('22222222\n11111111\n')
    })

    test('is refused where this machine does not have it', async () => {
      const { base, labs, by } = await carried()
      await expect(by(labs)).rejects.toThrow(`a save without its node image ${digest.slice(0, 12)}`)
      expect(existsSync(join(base, 'saves'))).toBe(false)
    })
  })

  test('is refused where the lab is already, and leaves that as it is', async () => {
    const { folder, file, save } = await exported()
    const { base, done } = importTo(folder, file)
    await done
    const before = execaSync('find', [base]).stdout
    await expect(importSave(join(folder, 'other'), file, { progress, base, here })).rejects.toThrow(
      `a save of lab ${save.id}, which this machine has already`,
    )
    expect(execaSync('find', [base]).stdout).toBe(before)
  })

  const hostile: Record<string, [script: string, said: RegExp]> = {
    'a path that leads out of it': [
      'echo evil >../evil; extra=../evil',
      /cannot be unpacked: .*|an entry that no save has/,
    ],
    'a link in place of a layer': ['rm -rf 11111111; ln -s /etc 11111111', /11111111 is a link/],
    'a link in place of the volumes': ['rm -r volumes/shared; ln -s /etc volumes/shared', /no folder of volumes/],
    'a disk': ['mknod 11111111/etc/disk b 8 0', /a device/],
    'a device that is no whiteout': ['mknod root/dev/mem c 1 1', /a device/],
    'an entry that no save has': ['mkdir evil', /an entry that no save has/],
    'a list of layers that is a path': ['echo ../../../etc >nodes/controller', /a layer that is not there/],
    'a list of layers that is a link': ['rm nodes/controller; ln -s /etc/passwd nodes/controller', /without its list/],
    'a node more': ['echo 11111111 >nodes/evil', /other nodes/],
    'another name than a name': [`sed -i 's/"name":"one"/"name":"..\\/x"/' manifest.json`, /name of a save/],
    'another id than its identity': [
      `sed -i 's/"id":"[0-9a-f]*"/"id":"12345678"/' manifest.json`,
      /two different labs/,
    ],
    'an id that is a path': [`sed -i 's/"id":"[0-9a-f]*"/"id":"..\\/..\\/etc"/' manifest.json`, /impossible lab id/],
    'a node image that is a path': [
      `sed -i 's/"imageDigest":"[0-9a-f]*"/"imageDigest":"..\\/..\\/etc"/' manifest.json`,
      /impossible digest of a node image/,
    ],
    'another format': [`sed -i 's/"format":1/"format":2/' manifest.json`, /no save, or one of another version/],
    'another kind of node than its identity': [`sed -i 's/"lxc"/"kvm"/' manifest.json`, /two different labs/],
    'a program path': [
      `mkdir c; tar -xf checkout.tar -C c; sed -i 's/"path": .*/"path": ["evil"]/' c/.lab/lab.json; tar -cf checkout.tar -C c .; rm -r c`,
      /impossible value: terraform\.path/,
    ],
  }
  test.each(Object.entries(hostile))('is refused with %s, and nothing of it is left', async (_, [script, said]) => {
    const { folder, file } = await exported()
    const { root, base, done } = importTo(folder, repack(folder, file, script))
    await expect(done).rejects.toThrow(said)
    expect(existsSync(join(base, 'saves'))).toBe(false)
    expect(existsSync(join(folder, 'machine/evil'))).toBe(false)
    expect(execaSync('find', [root, '-name', 'importing']).stdout).toBe('')
  })

  test('gives the checkout no set-uid file', async () => {
    const { folder, file, save } = await exported()
    const changed = repack(
      folder,
      file,
      'mkdir c; tar -xf checkout.tar -C c; chmod 4755 c/ansible-vars/hosts.yml; tar -cf checkout.tar -C c .; rm -r c',
    )
    const { base, done } = importTo(folder, changed)
    await done
    const listed = execaSync('tar', ['-tvf', join(base, 'saves', save.id, 'saves/one/checkout.tar')]).stdout
    expect(listed).toContain('ansible-vars/hosts.yml')
    expect(listed.split('\n').filter((line) => !/^(-rw-------|drwx------) /.test(line))).toEqual([])
  })

  test('is refused where it is cut off, damaged, or something else', async () => {
    const { folder, file } = await exported()
    const content = readFileSync(file)
    writeFileSync(file, content.subarray(0, content.length - 40))
    await expect(importTo(folder, file).done).rejects.toThrow(/cannot be unpacked|no save/)
    writeFileSync(file, 'something else')
    await expect(importTo(folder, file).done).rejects.toThrow(/no save/)
    await expect(importTo(folder, join(folder, 'missing')).done).rejects.toThrow(/is no file/)
  })

  const bombs: Record<string, [script: string, said: RegExp]> = {
    'holds more than it says': [
      'head -c 30000000 /dev/zero >11111111/bomb',
      /cannot be unpacked.*no more than the 0 MiB that it says/s,
    ],
    'says that it holds more than such a file can': [
      `sed -i 's/"bytes":[0-9]*,"save"/"bytes":900000000000,"save"/' manifest.json`,
      /a file of 0 MiB that says it unpacks to \d+ MiB/,
    ],
  }
  test.each(Object.entries(bombs))(
    'is refused where it %s, and little of it was written',
    async (_, [script, said]) => {
      const { folder, file } = await exported()
      const { base, done } = importTo(folder, repack(folder, file, script))
      await expect(done).rejects.toThrow(said)
      expect(existsSync(join(base, 'saves'))).toBe(false)
    },
  )

  test('is refused before it is unpacked where the disk has no room for it', async () => {
    const bytes = 2 ** 60
    const { folder, file } = await exported()
    const huge = join(folder, 'huge')
    execaSync('truncate', ['-s', '1T', huge])
    await expect(checkSize({ version: '0', bytes: 2 ** 46, save: {} as Save }, huge, folder)).rejects.toThrow(
      /a file that unpacks to \d+ MiB.*which is free on the disk/s,
    )
    await expect(checkSize({ version: '0', bytes, save: {} as Save }, file, folder)).rejects.toThrow(/says it unpacks/)
  })

  describe.runIf(existsSync('/usr/bin/age'))('encrypted with age', () => {
    async function encrypted() {
      const made = await exported()
      const [key, sealed] = [join(made.folder, 'key'), join(made.folder, 'lab.tar.zst.age')]
      execaSync('age-keygen', ['-o', key])
      const recipients = `${key}.pub`
      writeFileSync(recipients, execaSync('age-keygen', ['-y', key]).stdout)
      const places = { labs: join(made.folder, 'labs'), images: join(made.folder, 'images') }
      await exportSave(made.save, sealed, { progress, places, encryption: { recipients } })
      return { ...made, key, sealed }
    }
    const importFrom = (folder: string, file: string, identity: string) => {
      const [root, base] = [join(folder, 'other'), join(folder, 'machine')]
      mkdirSync(root, { recursive: true })
      return importSave(root, file, { progress, base, here, identity })
    }

    test('is imported by who has the key, and nothing of it stays in clear', async () => {
      const { folder, key, sealed, save } = await encrypted()
      expect(readFileSync(sealed, 'latin1')).toMatch(/^age-encryption\.org\/v1\n/)
      expect((await importFrom(folder, sealed, key)).save).toMatchObject({ id: save.id, name: save.name })
      expect(execaSync('find', [join(folder, 'other'), '-name', '*.zst']).stdout).toBe('')
    })

    test('is refused with another key, and where it was changed', async () => {
      const { folder, key, sealed } = await encrypted()
      const other = join(folder, 'other-key')
      execaSync('age-keygen', ['-o', other])
      await expect(importFrom(folder, sealed, other)).rejects.toThrow(/cannot be decrypted/)
      const content = readFileSync(sealed)
      content[content.length - 100]! ^= 1
      writeFileSync(sealed, content)
      await expect(importFrom(folder, sealed, key)).rejects.toThrow(/cannot be decrypted/)
      expect(existsSync(join(folder, 'machine'))).toBe(false)
    })

    test('without a terminal no passphrase is asked for', async () => {
      const { folder, save } = await exported()
      const places = { labs: join(folder, 'labs'), images: join(folder, 'images') }
      const options = { progress, places, encryption: 'passphrase' as const }
      if (!hasTerminal()) {
        await expect(exportSave(save, join(folder, 'x'), options)).rejects.toThrow(/no terminal/)
      }
    })
  })

  describe('imported as a new lab', () => {
    const importAs = (folder: string, file: string, as: string) => {
      const [root, base] = [join(folder, as), join(folder, 'machine')]
      mkdirSync(root, { recursive: true })
      return importSave(root, file, { progress, base, here, as }).then((imported) => ({ ...imported, root, base }))
    }
    const inCheckout = (base: string, id: string, path: string) =>
      execaSync('tar', ['-xOf', join(base, 'saves', id, 'saves/one/checkout.tar'), path]).stdout

    test('has an id, a name, secrets and keys of its own, and keeps the keys of data', async () => {
      const { folder, file, save } = await exported()
      const { save: made, base, shared } = await importAs(folder, file, 'student1')
      expect(made).toMatchObject({ name: 'one', lab: 'student1', asNew: true, ownImage: true })
      expect(made.id).not.toBe(save.id)
      expect(shared).toBe(false)
      const [before, after] = [
        readFileSync(join(save.root, 'ansible-vars/secrets.yml'), 'utf8'),
        inCheckout(base, made.id, 'ansible-vars/secrets.yml'),
      ]
      const same = before.split('\n').filter((line) => /^\w+: /.test(line) && after.split('\n').includes(line))
      expect(same.map((line) => line.split(':')[0])).toEqual(['heat_auth_encryption_key'])
      const listed = execaSync('tar', ['-tf', join(base, 'saves', made.id, 'saves/one/checkout.tar')]).stdout
      expect(listed).not.toContain('ed25519')
      expect(JSON.parse(inCheckout(base, made.id, '.lab/lab.json'))).toMatchObject({ id: made.id, name: 'student1' })
      expect(inCheckout(base, made.id, 'ansible-vars/group_vars/all.yml')).toContain('lab_name: "student1"')
      const nodes = inCheckout(base, made.id, '.lab/terraform/nodes.tfstate')
      expect(nodes).toContain('"name":"student1-management"')
      expect(nodes).toContain(`"interface":"${made.id}-v101"`)
      // So that `up` applies it, whatever it finds on the nodes.
      expect(inCheckout(base, made.id, '.lab/terraform/services.tfstate')).toContain('"status":"tainted"')
      expect(nodes).not.toContain('tainted')
    })

    test("hides the machine's id, its name for iSCSI and the keys of tokens below each node", async () => {
      const { folder, file } = await exported()
      const { save: made, base } = await importAs(folder, file, 'student1')
      const at = join(base, 'saves', made.id)
      const lists = ['controller', 'compute1'].map((node) =>
        readFileSync(join(at, 'saves/one/nodes', node), 'utf8').split('\n'),
      )
      expect(lists[0]![0]).toBe(lists[1]![0])
      const own = join(at, 'layers', lists[0]![0]!)
      expect(execaSync('stat', ['-c', '%s %t:%T', join(own, 'etc/machine-id')]).stdout).toBe('0 0:0')
      for (const path of ['etc/keystone/fernet-keys', 'etc/iscsi/initiatorname.iscsi']) {
        expect(execaSync('stat', ['-c', '%F %t:%T', join(own, path)]).stdout).toBe('character special file 0:0')
      }
    })

    test('shares its layers with another one of the same file, which stay until both are gone', async () => {
      const { folder, file } = await exported()
      const first = await importAs(folder, file, 'student1')
      const second = await importAs(folder, file, 'student2')
      expect([first.shared, second.shared]).toEqual([false, true])
      const { base } = first
      const layersOf = (id: string) => join(base, 'saves', id, 'layers')
      const links = execaSync('find', [layersOf(second.save.id), '-type', 'l', '-printf', '%l\n']).stdout.split('\n')
      // Two layers of the nodes, the image, and what makes the first a new lab.
      expect(links).toHaveLength(4)
      for (const link of links) expect(link).toMatch(new RegExp(`^../../${first.save.id}/layers/`))
      await removeSaves({ id: first.save.id, paths: { data: join(base, first.save.id) } }, ['one'])
      expect(readFileSync(join(layersOf(second.save.id), '11111111/etc/own'), 'utf8')).toBe('own')
      await removeSaves({ id: second.save.id, paths: { data: join(base, second.save.id) } }, ['one'])
      expect(existsSync(join(base, 'saves'))).toBe(false)
    })

    test('is refused in isolation none, where its ranges would be those of the original', async () => {
      const { folder, file } = await exported()
      const changed = repack(
        folder,
        file,
        `sed -i 's/"netns"/"none"/' manifest.json; mkdir c; tar -xf checkout.tar -C c; sed -i 's/"netns"/"none"/' c/.lab/lab.json; tar -cf checkout.tar -C c .; rm -r c`,
      )
      await expect(importAs(folder, changed, 'student1')).rejects.toThrow(/isolation none, whose ranges \(10\.0\.0\.0/)
    })

    test('is refused with a name that a lab cannot have', async () => {
      const { folder, file } = await exported()
      await expect(importAs(folder, file, 'x; reboot')).rejects.toThrow(/lab_name|all\.yml/)
    })
  })
})
