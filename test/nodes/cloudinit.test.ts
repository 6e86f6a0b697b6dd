import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { hostKeyScript, renderCloudInit, showHostKey } from '../../scripts/nodes/cloudinit.ts'
import { findHostKey } from '../../scripts/nodes/host-key.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('kvm')
const [controller, compute] = [lab.nodes[0]!, lab.nodes[1]!]
const files = renderCloudInit(lab, controller, 'AAAAPUBLIC')
const userData = parse(files.userData)

test('a VM gets its name, and for cloud-init a new lab is a new instance', () => {
  expect(parse(files.metaData)).toEqual({
    'instance-id': 'duostack-1a2b3c4d-controller',
    'local-hostname': 'controller',
  })
  expect(files.userData).toMatch(/^#cloud-config\n/)
  expect(userData).toMatchObject({ hostname: 'controller', manage_etc_hosts: false })
})

test("root can log in with the lab's key, and nobody with a password", () => {
  expect(userData.users).toEqual([{ name: 'root', ssh_authorized_keys: ['ssh-ed25519 AAAAPUBLIC duostack'] }])
  expect(userData).toMatchObject({ disable_root: false, ssh_pwauth: false })
})

test("a node name and a MAC address are text to cloud-init's YAML 1.1, whatever they look like", () => {
  const macs = { management: '52:54:00:12:34:56', provider: '52:54:00:01:02:03' }
  const { metaData, userData, networkConfig } = renderCloudInit(lab, { ...compute, name: 'on', macs }, 'X')
  const read = (text: string) => parse(text, { version: '1.1' })
  expect(read(metaData)['local-hostname']).toBe('on')
  expect(read(userData).hostname).toBe('on')
  expect(read(networkConfig).ethernets.eth0.match.macaddress).toBe(macs.management)
  expect(read(networkConfig).ethernets.eth1.match.macaddress).toBe(macs.provider)
})

test('interfaces are named by their MAC addresses, as the kernel writes them; only the first has an address', () => {
  const { ethernets } = parse(renderCloudInit(lab, compute, 'X').networkConfig)
  expect(ethernets.eth0).toMatchObject({
    match: { macaddress: '52:54:00:1a:00:1f' },
    'set-name': 'eth0',
    addresses: ['10.0.0.31/24'],
  })
  expect(ethernets.eth1).toMatchObject({ match: { macaddress: '52:54:00:1a:01:1f' }, 'set-name': 'eth1', dhcp4: false })
  expect(ethernets.eth1).not.toHaveProperty('addresses')
})

test('a VM gets no private key: it generates its own host key', () => {
  expect(JSON.stringify(files)).not.toMatch(/PRIVATE|ssh_keys/)
  expect(userData).toMatchObject({ ssh_deletekeys: true, ssh_genkeytypes: ['ed25519'] })
})

test('what the VM writes to its serial console is what the host reads there', async () => {
  const [file] = userData.write_files
  expect(file).toMatchObject({ path: hostKeyScript, permissions: '0755', content: showHostKey })
  const folder = temporaryFolder()
  const [key, console] = [join(folder, 'key.pub'), join(folder, 'ttyS0')]
  const blob = `AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}`
  writeFileSync(key, `ssh-ed25519 ${blob} root@controller\n`)
  const script = showHostKey.replace('/etc/ssh/ssh_host_ed25519_key.pub', key).replace('/dev/ttyS0', console)
  await execa('sh', ['-c', script])
  expect(findHostKey(readFileSync(console, 'utf8'))).toBe(`ssh-ed25519 ${blob}`)
})
