import { existsSync, readdirSync, statSync } from 'node:fs'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { carryEnvironment } from '../../scripts/run/environment-file.ts'
import { sshConfig } from '../../scripts/run/ssh-material.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('lxc')
const inFolder = (state: string) => ({ paths: { ...lab.paths, state } })

test('the environment reaches the program unchanged, in a file that only the user can read and that is removed at once', async () => {
  const state = temporaryFolder()
  const secret = `a b'c"d\n$HOME \\`
  const carried = carryEnvironment(inFolder(state), { SECRET: secret, PATH: '/usr/bin:/bin', 'npm_config_//x': 'odd' })
  const file = carried.argv.find((word) => word.endsWith('/environment'))!
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(carried.argv.join(' ')).not.toContain('a b')
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
  const script = 'printf %s "$SECRET|$PATH|${FOREIGN-none}"'
  const { stdout } = await execa('/usr/bin/env', ['FOREIGN=sudo', ...carried.argv, 'bash', '--norc', '-c', script], {
    // bash takes a socket for a remote login and reads its .bashrc.
    stdin: 'ignore',
  })
  expect(stdout).toBe(`${secret}|/usr/bin:/bin|none`)
  expect(existsSync(file)).toBe(false)
  carried.remove()
  expect(readdirSync(state)).toEqual([])
})

test('a signal goes to the program itself', async () => {
  const carried = carryEnvironment(inFolder(temporaryFolder()))
  const child = execa(
    'bash',
    ['-c', '"$@"; exit $?', 'outer', ...carried.argv, 'bash', '-c', 'echo up; exec sleep 60'],
    {
      reject: false,
    },
  )
  await new Promise((resolve) => child.stdout.once('data', resolve))
  carried.signal('SIGTERM')
  expect((await child).exitCode).toBe(143)
})

test('ssh knows every node by name, checks its key, and uses a short socket path', () => {
  const config = sshConfig(
    { ...lab, paths: { ...lab.paths, ssh: '/home/a user/lab/.lab/ssh' } },
    '/run/user/1000/duostack-1a2b3c4d',
  )
  expect(config).toMatchInlineSnapshot(`
    "# Made by ./lab up for lab 1a2b3c4d; written anew when the nodes change.
    Host controller
      HostName 10.0.0.11
    Host compute1
      HostName 10.0.0.31
    Host *
      User root
      IdentityFile "/home/a user/lab/.lab/ssh/id_ed25519"
      IdentitiesOnly yes
      IdentityAgent none
      PreferredAuthentications publickey
      UserKnownHostsFile "/home/a user/lab/.lab/ssh/known_hosts"
      GlobalKnownHostsFile /dev/null
      StrictHostKeyChecking yes
      ControlMaster auto
      ControlPath "/run/user/1000/duostack-1a2b3c4d/%C"
      ControlPersist 60
      ConnectTimeout 10
      LogLevel ERROR
    "
  `)
})
