import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeEach, expect, test } from 'vitest'
import { overlayFolder } from '../../scripts/image/recipe.ts'

// The script with which a node configures itself runs for real, in a folder as its root; only the programs that would
// change this machine's name and network are replaced by one that records its calls.

let root: string
let bin: string

const path = (name: string) => join(root, name)
const read = (name: string) => readFileSync(path(name), 'utf8')
const calls = () => readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n')

function put(name: string, content: string): void {
  mkdirSync(join(path(name), '..'), { recursive: true })
  writeFileSync(path(name), content)
}

const run = () =>
  execa('sh', [join(overlayFolder, 'usr/local/sbin/duostack-identity')], {
    env: { DUOSTACK_ROOT: root, PATH: `${bin}:${process.env['PATH']}` },
  })

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'identity-'))
  bin = mkdtempSync(join(tmpdir(), 'identity-bin-'))
  for (const name of ['ip', 'hostname']) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho ${name} "$@" >> ${bin}/calls\n`)
    chmodSync(join(bin, name), 0o755)
  }
  for (const name of ['root', 'etc/ssh', 'sys/class/net/eth0', 'sys/class/net/eth1', 'dev']) {
    mkdirSync(path(name), { recursive: true })
  }
  put('proc/cmdline', 'root=LABEL=duostack-root quiet')
  put('proc/sys/kernel/random/uuid', '0b8c7d1e-0000-4000-8000-0123456789ab\n')
})

const words = 'LAB=1a2b3c4d\nNAME=controller\nADDRESS=10.0.0.11/24\nAUTHORIZED_KEY=ssh-ed25519 AAAA= lab\n'

test('a container takes name, address and key from its file', async () => {
  put('etc/duostack/identity', `${words}HOST=10.0.0.31 compute1\n`)
  await run()
  expect(calls()).toEqual([
    'hostname controller',
    'ip link set lo up',
    'ip address replace 10.0.0.11/24 brd + dev eth0',
    'ip link set eth0 up',
    'ip link set eth1 up',
  ])
  expect(read('etc/hostname')).toBe('controller\n')
  expect(read('etc/hosts')).toContain('10.0.0.11 controller\n10.0.0.31 compute1\n')
  expect(read('root/.ssh/authorized_keys')).toBe('ssh-ed25519 AAAA= lab\n')
  expect(statSync(path('root/.ssh/authorized_keys')).mode & 0o777).toBe(0o600)
  expect(read('etc/iscsi/initiatorname.iscsi')).toBe(
    'InitiatorName=iqn.1993-08.org.debian:01:0b8c7d1e0000400080000123456789ab\n',
  )
  expect(existsSync(path('dev/console'))).toBe(false)
})

test('a VM takes them from the kernel command line and shows its public host key on the console', async () => {
  put('proc/cmdline', 'quiet duostack.name=compute1 duostack.address=10.0.0.31/24 duostack.key=AAAAC3Nz= rw')
  await run()
  expect(calls()).toContain('ip address replace 10.0.0.31/24 brd + dev eth0')
  expect(read('root/.ssh/authorized_keys')).toBe('ssh-ed25519 AAAAC3Nz= duostack\n')
  const [type, blob] = read('etc/ssh/ssh_host_ed25519_key.pub').split(' ')
  expect(read('dev/console')).toBe(`\r\nduostack-host-key: ${type} ${blob}\r\n`)
  expect(read('dev/console')).not.toContain('PRIVATE')
})

test('an existing host key is kept, an empty one is generated again', async () => {
  put('etc/duostack/identity', words)
  put('etc/ssh/ssh_host_ed25519_key', 'mine\n')
  await run()
  expect(read('etc/ssh/ssh_host_ed25519_key')).toBe('mine\n')
  put('etc/ssh/ssh_host_ed25519_key', '')
  await run()
  expect(read('etc/ssh/ssh_host_ed25519_key')).toContain('PRIVATE KEY')
})

test('a second boot writes no file again and leaves a hosts file that knows the node alone', async () => {
  put('etc/duostack/identity', words)
  await run()
  put('etc/hosts', '10.0.0.11 controller\n10.0.0.31 compute1\n')
  const files = ['etc/hostname', 'etc/hosts', 'root/.ssh/authorized_keys', 'etc/iscsi/initiatorname.iscsi'].map(path)
  for (const file of files) utimesSync(file, 1, 1)
  await run()
  expect(files.map((file) => statSync(file).mtimeMs)).toEqual(files.map(() => 1000))
})

test('outside of a lab nothing is touched', async () => {
  await run()
  expect(existsSync(join(bin, 'calls'))).toBe(false)
  expect(existsSync(path('etc/hostname'))).toBe(false)
})
