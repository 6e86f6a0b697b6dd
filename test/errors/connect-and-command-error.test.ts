/** A node that does not answer, and commands that failed on a node, on this machine, in Keystone or in Terraform. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { openIdentity } from '../../scripts/cloud/identity-client.ts'
import type { Lab } from '../../scripts/declaration/lab.ts'
import type { Operation } from '../../scripts/engine/operation.ts'
import { runOnHost } from '../../scripts/run/process.ts'
import { sshHost } from '../../scripts/run/ssh.ts'
import { runStack } from '../../scripts/terraform/run.ts'
import { type Keystone, startKeystone } from '../cloud/keystone-server.ts'
import { type Sshd, startSshd } from '../engine/sshd.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { exhibit } from './gallery.ts'

let server: Sshd
let keystone: Keystone
beforeAll(async () => {
  server = await startSshd()
  keystone = await startKeystone()
})
afterAll(() => {
  server.stop()
  keystone.stop()
})

const run = (lab: Lab, script = 'true', options = {}) =>
  sshHost(lab, server.node).run(script, { step: 'say something', ...options })

/** The client's own configuration with one change, or with a file added beside it. */
function changed(from: RegExp, to: string, files: Record<string, string> = {}): Lab {
  const folder = temporaryFolder()
  const config = readFileSync(join(server.folder, 'ssh_config'), 'utf8')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  writeFileSync(join(folder, 'ssh_config'), config.replace(from, to.replaceAll('FOLDER', folder)))
  return { ...server.lab, paths: { ...server.lab.paths, ssh: folder } }
}

describe('a node', () => {
  exhibit({
    kind: 'ConnectError',
    name: 'no sshd on the node',
    trigger: () => run(changed(/Port \d+/, 'Port 9')),
  })
  exhibit({
    kind: 'ConnectError',
    name: 'a changed host key',
    trigger: () => {
      const other = readFileSync(join(server.folder, 'id.pub'), 'utf8')
      const port = /Port (\d+)/.exec(readFileSync(join(server.folder, 'ssh_config'), 'utf8'))?.[1]
      return run(
        changed(/UserKnownHostsFile .*/, 'UserKnownHostsFile FOLDER/known', { known: `[127.0.0.1]:${port} ${other}` }),
      )
    },
  })
  exhibit({
    kind: 'ConnectError',
    name: 'a rejected ssh key',
    trigger: () => {
      const key = readFileSync(join(server.folder, 'host'), 'utf8')
      return run(changed(/IdentityFile .*/, 'IdentityFile FOLDER/key', { key }))
    },
    replace: [[/\w+@127/g, '<user>@127']],
  })
  exhibit({
    kind: 'ConnectError',
    name: 'an address that is routed elsewhere',
    trigger: () => {
      const management = { ...server.lab.networks.management, bridge: '1a2b3c4d-mgmt' }
      return run({ ...server.lab, networks: { ...server.lab.networks, management } })
    },
  })
  exhibit({
    kind: 'CommandError',
    name: 'a command that fails on a node',
    trigger: () => run(server.lab, 'echo one; echo two >&2; exit 3', { paste: 'systemctl restart glance-api' }),
  })
})

const operation = (changes: Partial<Operation>): Operation => ({
  phase: 'setup',
  kind: 'step',
  title: 'glance-manage db_sync',
  check: 'echo "still to be done"; return 1',
  apply: 'true',
  paste: 'runuser -u glance -- glance-manage db_sync',
  ...changes,
})

describe('an operation of a service', () => {
  exhibit({
    kind: 'CommandError',
    name: 'an operation that fails, with its last output',
    trigger: () => server.run([operation({ apply: 'seq -f "line %g" 60; exit 4' })]),
  })
  exhibit({
    kind: 'CommandError',
    name: 'an operation whose check still fails afterwards',
    trigger: () => server.run([operation({ apply: 'echo did something' })]),
  })
  exhibit({
    kind: 'CommandError',
    name: 'an operation whose output contains a secret',
    trigger: () =>
      server.run([operation({ apply: 'echo "password is hunter2-hunter2"; exit 1', paste: 'echo hunter2-hunter2' })], {
        secrets: ['hunter2-hunter2'],
      }),
  })
})

describe('on this machine', () => {
  exhibit({
    kind: 'CommandError',
    name: 'a command that fails on this machine',
    trigger: () => runOnHost('sh', ['-c', 'echo "virsh: no such domain" >&2; exit 1'], { step: 'look for the domain' }),
  })
  exhibit({
    kind: 'CommandError',
    name: 'a program that is missing on this machine',
    trigger: () => runOnHost('no-such-program', ['--version'], { step: 'look at it' }),
  })
})

describe.concurrent('timeouts', () => {
  exhibit({
    kind: 'CommandError',
    name: 'a timeout on a node',
    trigger: () => run(server.lab, 'echo begun; sleep 30', { timeoutSeconds: 1 }),
  })
  exhibit({
    kind: 'CommandError',
    name: 'a timeout on this machine',
    trigger: () => runOnHost('sleep', ['30'], { step: 'wait for it', timeoutSeconds: 1 }),
  })
})

describe('errors of other programs', () => {
  exhibit({
    kind: 'CommandError',
    name: 'a password that Keystone rejects',
    trigger: () =>
      openIdentity({
        url: keystone.url,
        adminPassword: 'another',
        timeScale: 1,
        timeoutSeconds: 0,
        lookAt: './lab doctor',
      }),
  })
  exhibit({
    kind: 'CommandError',
    name: 'a failed Terraform run',
    trigger: () => {
      const root = temporaryFolder()
      const stack = join(root, 'cdktf.out/stacks/services')
      mkdirSync(join(stack, '.terraform'), { recursive: true })
      writeFileSync(join(stack, 'cdk.tf.json'), '{"terraform": {}}')
      const diagnostic = {
        severity: 'error',
        address: 'terraform_data.glance',
        summary: 'local-exec provisioner error',
        detail:
          "Error running command 'npx tsx scripts/provision.ts glance': exit status 1. Output: controller: glance: file /etc/glance/glance-api.conf: exit code 1\n",
      }
      const program = join(root, 'terraform')
      const event = JSON.stringify({ type: 'diagnostic', '@level': 'error', '@message': '', diagnostic })
      writeFileSync(program, `#!/bin/sh\n[ "$1" = init ] || { cat <<'END'\n${event}\nEND\nexit 1; }\n`, { mode: 0o755 })
      const before = process.env['PATH']
      process.env['PATH'] = `${root}:${before}`
      const lab = { ...server.lab, root, paths: { ...server.lab.paths, terraform: join(root, 'states') } }
      return runStack(lab, 'services', 'apply').finally(() => {
        process.env['PATH'] = before
      })
    },
  })
})
