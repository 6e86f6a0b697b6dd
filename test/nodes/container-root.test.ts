import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mountRoot, renderIdentity } from '../../scripts/nodes/container-root.ts'
import { containerPaths } from '../../scripts/nodes/container-xml.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

test("a container gets its name, its address with prefix length, the lab's key and its neighbors", () => {
  const lab = fixtureLab('lxc')
  expect(renderIdentity(lab, lab.nodes[1]!, 'ssh-ed25519 AAAA duostack\n')).toBe(
    [
      'LAB=1a2b3c4d',
      'NAME=compute1',
      'ADDRESS=10.0.0.31/24',
      'AUTHORIZED_KEY=ssh-ed25519 AAAA duostack',
      'HOST=10.0.0.11 controller',
      '',
    ].join('\n'),
  )
})

describe.runIf(isRoot)('the root of a container, mounted', () => {
  function scratch() {
    const folder = temporaryFolder()
    const base = fixtureLab('lxc')
    const paths = { ...base.paths, data: join(folder, 'labs/1a2b3c4d'), image: join(folder, 'image'), ssh: folder }
    const lab = { ...base, paths }
    const node = lab.nodes[1]!
    const root = containerPaths(lab, node.name).root
    mkdirSync(join(paths.image, 'root/etc/ssh'), { recursive: true })
    for (const name of ['id_ed25519.pub', 'compute1_host_ed25519', 'compute1_host_ed25519.pub'])
      writeFileSync(join(folder, name), `content of ${name}\n`)
    onTestFinished(() => {
      execaSync('bash', ['-c', 'umount "$0"', root], { reject: false })
    })
    return { folder, lab, node, root }
  }

  test('has its identity and its host key, and keeps their times when it is mounted again', async () => {
    const { lab, node, root } = scratch()
    await mountRoot(lab, node, '<domain/>')
    const key = join(root, 'etc/ssh/ssh_host_ed25519_key')
    expect(readFileSync(join(root, 'etc/duostack/identity'), 'utf8')).toContain('NAME=compute1')
    expect(readFileSync(key, 'utf8')).toBe('content of compute1_host_ed25519\n')
    const before = statSync(key)
    expect(before.mode & 0o777).toBe(0o600)
    execaSync('bash', ['-c', 'umount "$0"', root])
    await mountRoot(lab, node, '<domain/>')
    expect(statSync(key).mtimeMs).toBe(before.mtimeMs)
    expect(readdirSync(join(root, 'etc/ssh'))).toEqual(['ssh_host_ed25519_key', 'ssh_host_ed25519_key.pub'])
  })

  test.each(['etc', 'etc/duostack', 'etc/ssh'])(
    'is not written to where %s leads elsewhere on this machine',
    async (path) => {
      const { folder, lab, node, root } = scratch()
      await mountRoot(lab, node, '<domain/>')
      mkdirSync(join(folder, 'outside/ssh'), { recursive: true })
      rmSync(join(root, path), { recursive: true })
      symlinkSync(join(folder, 'outside'), join(root, path))
      await expect(mountRoot(lab, node, '<domain/>')).rejects.toThrow(`/${path} is a link on compute1`)
      expect(readdirSync(join(folder, 'outside'), { recursive: true })).toEqual(['ssh'])
    },
  )

  test('a link that was laid in place of the file that is written first leads nowhere', async () => {
    const { folder, lab, node, root } = scratch()
    await mountRoot(lab, node, '<domain/>')
    writeFileSync(join(folder, 'victim'), 'mine')
    symlinkSync(join(folder, 'victim'), join(root, 'etc/duostack/identity.duostack'))
    await mountRoot(lab, node, '<domain/>')
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('mine')
  })
})
