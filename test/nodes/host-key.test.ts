import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { findHostKey, pinHostKey } from '../../scripts/nodes/host-key.ts'
import { ensureSshMaterial } from '../../scripts/run/ssh-material.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const key = (letter: string) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letter.repeat(43)}`

describe('the host key on a serial console', () => {
  test('is the last one that was printed, whatever surrounds it', () => {
    const console = `[    1.0] systemd[1]: x\r\nduostack-host-key: ${key('A')}\r\nlogin:\r\nduostack-host-key: ${key('B')}\r\n`
    expect(findHostKey(console)).toBe(key('B'))
  })

  test.each([
    ['nothing', ''],
    ['a line that is still being written', `duostack-host-key: ${key('A').slice(0, 40)}`],
    ['the words in the middle of a line', `x duostack-host-key: ${key('A')}\n`],
    ['another kind of key', 'duostack-host-key: ssh-rsa AAAA\n'],
  ])('is not found in %s', (_, console) => {
    expect(findHostKey(console)).toBeUndefined()
  })
})

describe('pinning host keys', () => {
  function emptyLab() {
    const lab = fixtureLab('kvm')
    const ssh = join(temporaryFolder(), 'ssh folder')
    mkdirSync(ssh)
    return { ...lab, paths: { ...lab.paths, ssh } }
  }
  const pinned = (lab: ReturnType<typeof emptyLab>) => readFileSync(join(lab.paths.ssh, 'known_hosts'), 'utf8')

  test('for two nodes at once keeps both', async () => {
    const lab = emptyLab()
    await Promise.all(lab.nodes.map((node) => pinHostKey(lab, node, key(node.name.slice(-1)))))
    expect(pinned(lab).split('\n').filter(Boolean).sort()).toEqual([
      `compute1,10.0.0.31 ${key('1')}`,
      `controller,10.0.0.11 ${key('r')}`,
    ])
  })

  test('for a recreated node replaces its old key and leaves the others alone', async () => {
    const lab = emptyLab()
    writeFileSync(
      join(lab.paths.ssh, 'known_hosts'),
      `controller,10.0.0.11 ${key('A')}\ncompute1,10.0.0.31 ${key('B')}\n`,
    )
    await pinHostKey(lab, lab.nodes[0]!, key('C'))
    expect(pinned(lab)).toBe(`compute1,10.0.0.31 ${key('B')}\ncontroller,10.0.0.11 ${key('C')}\n`)
    expect(readFileSync(join(lab.paths.ssh, 'controller_host_ed25519.pub'), 'utf8')).toBe(`${key('C')} controller\n`)
  })

  test('removes the key that the node had as a container: the next container gets a new pair', async () => {
    const lab = { ...emptyLab(), hypervisor: 'lxc' as const }
    await ensureSshMaterial(lab)
    await pinHostKey(lab, lab.nodes[0]!, key('C'))
    await ensureSshMaterial(lab)
    const path = join(lab.paths.ssh, 'controller_host_ed25519')
    const { stdout: derived } = await execa('ssh-keygen', ['-y', '-f', path])
    expect(readFileSync(`${path}.pub`, 'utf8')).toContain(derived.split(' ')[1])
    expect(pinned(lab)).toContain(`controller,10.0.0.11 ssh-ed25519 ${derived.split(' ')[1]}`)
  })

  test('survives prepare, which rewrites known_hosts', async () => {
    const lab = emptyLab()
    await pinHostKey(lab, lab.nodes[1]!, key('B'))
    await ensureSshMaterial(lab)
    expect(pinned(lab)).toBe(`compute1,10.0.0.31 ${key('B')}\n`)
  })

  test('leaves no half-written file behind', async () => {
    const lab = emptyLab()
    await pinHostKey(lab, lab.nodes[0]!, key('C'))
    expect(readdirSync(lab.paths.ssh).filter((name) => name.endsWith('.new'))).toEqual([])
  })
})
