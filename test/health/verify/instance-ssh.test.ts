import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { instanceSshArguments, parseInside } from '../../../scripts/health/verify/instance-ssh.ts'
import { temporaryFolder } from '../../fixtures/folder.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

function labWithKey() {
  const ssh = temporaryFolder()
  writeFileSync(join(ssh, 'id_ed25519.pub'), 'ssh-ed25519 AAAAown Duostack lab 1a2b3c4d\n')
  const lab = fixtureLab('lxc')
  return { ...lab, paths: { ...lab.paths, ssh } }
}

describe('ssh into the instance', () => {
  test('pins the host key that the console printed, and not the key that logs in', () => {
    const lab = labWithKey()
    const console = 'authorized: ssh-ed25519 AAAAown\nhost key: ssh-ed25519 AAAAhost root@server1\n'
    const argv = instanceSshArguments(lab, 'the-id', '203.0.113.105', console)
    expect(argv).toContain('StrictHostKeyChecking=yes')
    expect(readFileSync(join(lab.paths.ssh, 'instances', 'the-id'), 'utf8')).toBe('the-id ssh-ed25519 AAAAhost\n')
  })

  test("keeps the first key seen for the instance's id if the console printed none", () => {
    const lab = labWithKey()
    const argv = instanceSshArguments(lab, 'the-id', '203.0.113.105', 'booting')
    expect(argv).toContain('StrictHostKeyChecking=accept-new')
    expect(argv).toContain('HostKeyAlias=the-id')
    expect(argv.at(-1)).toBe('root@203.0.113.105')
  })

  test('reads kernel, metadata and disks from what the guest says', () => {
    const output = `Welcome
kernel Linux 6.1.0
metadata {"random_seed": "x", "uuid": "1-2-3", "name": "server1"}
disk vda abc
disk sr0
`
    expect(parseInside(output)).toEqual({
      greeting: 'Linux 6.1.0',
      uuid: '1-2-3',
      disks: [{ name: 'vda', serial: 'abc' }],
    })
    expect(parseInside('kernel Linux 6.1.0\nmetadata \n')).toMatchObject({ uuid: '', disks: [] })
  })
})
