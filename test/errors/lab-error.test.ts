/** What the user mends: the declaration, the command line, this machine. */

import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from 'citty'
import { execa } from 'execa'
import { describe } from 'vitest'
import { checkIdentity, newIdentity, readIdentity, writeIdentity } from '../../scripts/declaration/identity.ts'
import { loadDeclaration, loadLab } from '../../scripts/declaration/load.ts'
import { loadSecrets } from '../../scripts/declaration/secrets.ts'
import { LabError } from '../../scripts/errors.ts'
import { withLock } from '../../scripts/host/lock.ts'
import { enterLab } from '../../scripts/host/namespace.ts'
import { checkHost } from '../../scripts/host/preflight.ts'
import { ensureSshMaterial } from '../../scripts/host/ssh-material.ts'
import { checkArguments, unknownCommand } from '../../scripts/lab/check-arguments.ts'
import { expectLab } from '../../scripts/lab/checkout.ts'
import { handOver } from '../../scripts/lab/hand-over.ts'
import { readUsage } from '../../scripts/lab/usage.ts'
import { parseSince } from '../../scripts/logs/since.ts'
import { declaredNode } from '../../scripts/nodes/declared-node.ts'
import { serviceOf } from '../../scripts/services/index.ts'
import { makeCheckout, resolved, writeIn } from '../declaration/checkout.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'
import { fitMachine, wanted } from '../host/facts.ts'
import { exhibit } from './gallery.ts'

const lab = fixtureLab('lxc')

describe('the declaration', () => {
  exhibit({
    kind: 'LabError',
    name: 'three mistakes at once',
    trigger: () =>
      loadLab(
        makeCheckout(
          ['all', 'vlan_id: 101', 'vlan_id: 5000'],
          ['all', 'lab_hypervisor: auto', 'lab_hypervisor: kmv'],
          ['all', 'lab_region:', 'lab_regoin:'],
        ),
      ),
  })
  exhibit({
    kind: 'LabError',
    name: 'a file that is no YAML',
    trigger: () => loadLab(makeCheckout(['all', 'lab_region: RegionOne', 'lab_region: [RegionOne'])),
  })
  exhibit({
    kind: 'LabError',
    name: 'two ranges that overlap',
    trigger: () => loadLab(makeCheckout(['all', 'cidr: 192.0.2.0/24', 'cidr: 203.0.113.128/25'])),
  })
  exhibit({
    kind: 'LabError',
    name: 'an override for a file that nobody writes',
    trigger: () =>
      serviceOf(
        { ...lab, configOverrides: { '/etc/nova/nova.cnf': { DEFAULT: { debug: 'true' } } } },
        fixtureSecrets,
        'nova',
      ),
  })
  exhibit({
    kind: 'LabError',
    name: 'a living lab that is declared otherwise',
    trigger: () => {
      const identity = newIdentity(loadDeclaration(makeCheckout()), resolved)
      const changed = loadDeclaration(makeCheckout(['all', 'lab_name: duostack', 'lab_name: other']))
      throw new LabError(checkIdentity(changed, identity))
    },
  })
  exhibit({
    kind: 'LabError',
    name: 'an identity that was cut off',
    trigger: () => {
      const root = makeCheckout()
      writeIdentity(root, { ...newIdentity(loadDeclaration(root), resolved), id: '1a2b3c4d' })
      const text = readFileSync(join(root, '.lab/lab.json'), 'utf8')
      writeIn(root, '.lab/lab.json', text.slice(0, text.length / 2))
      readIdentity(root)
    },
  })
  exhibit({
    kind: 'LabError',
    name: 'secrets that others may read',
    trigger: () => {
      const root = makeCheckout()
      writeIn(root, 'ansible-vars/secrets.yml', 'admin_password: "0123456789abcdef"\n')
      chmodSync(join(root, 'ansible-vars/secrets.yml'), 0o644)
      loadSecrets(root)
    },
  })
})

describe('the command line', () => {
  exhibit({
    kind: 'LabError',
    name: 'an unknown command',
    trigger: () => {
      throw unknownCommand('doktor')
    },
  })
  exhibit({
    kind: 'LabError',
    name: 'an unknown option and a word too many',
    trigger: async () => checkArguments(await readUsage('down'), ['--yse', 'please']),
  })
  exhibit({
    kind: 'LabError',
    name: 'a service that there is not',
    trigger: async () => checkArguments(await readUsage('logs'), ['nova', 'neutorn']),
  })
  exhibit({ kind: 'LabError', name: 'a time that is none', trigger: () => parseSince('yesterday') })
  exhibit({ kind: 'LabError', name: 'a node that there is not', trigger: () => declaredNode(lab, 'compute9') })
  exhibit({
    kind: 'LabError',
    name: 'exec without a command',
    trigger: async () => {
      const { default: command } = await import('../../scripts/lab/exec.ts')
      await runCommand(command, { rawArgs: ['--'] })
    },
  })
  exhibit({
    kind: 'LabError',
    name: 'an e2e on an unknown kind of node',
    trigger: async () => {
      const { default: command } = await import('../../scripts/lab/test.ts')
      await runCommand(command, { rawArgs: ['--', 'e2e', '--hypervisor', 'vbox'] })
    },
  })
  exhibit({ kind: 'LabError', name: 'a program that is not there', trigger: () => handOver('no-such-program', [], {}) })
})

describe('this machine', () => {
  exhibit({
    kind: 'LabError',
    name: 'a machine that is not fit',
    trigger: () => {
      const machine = {
        ...fitMachine,
        system: { ...fitMachine.system, id: 'fedora', version: '40', name: 'Fedora Linux 40' },
        memory: { totalMiB: 8000, availableMiB: 3000 },
        routes: [{ range: '10.0.0.0/16', device: 'tun0' }],
      }
      throw new LabError(checkHost(machine, wanted))
    },
  })
  exhibit({
    kind: 'LabError',
    name: 'a lab that is not up',
    trigger: () => enterLab({ ...lab, id: 'ffffffff' }, ['true']),
  })
  exhibit({
    kind: 'LabError',
    name: 'somebody else holds the lock',
    trigger: async () => {
      const root = temporaryFolder()
      mkdirSync(join(root, '.lab'))
      writeFileSync(
        join(root, '.lab/lock'),
        JSON.stringify({ pid: 42, command: './lab up', since: '2026-11-24T06:00:00Z' }),
      )
      const holder = execa('flock', [join(root, '.lab/lock'), 'sh', '-c', 'echo held; exec sleep 60'], {
        reject: false,
      })
      try {
        await new Promise((resolve) => holder.stdout.once('data', resolve))
        await withLock(root, async () => {})
      } finally {
        holder.kill()
      }
    },
  })
  exhibit({
    kind: 'LabError',
    name: 'no space left',
    // The device whose every write says so.
    trigger: () => writeFileSync('/dev/full', 'x'),
    replace: [['write', '/home/user/duostack/.lab/lab.json']],
  })
  exhibit({
    kind: 'LabError',
    name: 'a checkout without a lab',
    trigger: () => expectLab(temporaryFolder()),
  })
  exhibit({
    kind: 'LabError',
    name: 'a folder of somebody else in the place of ours',
    trigger: async () => {
      const folder = temporaryFolder()
      const own = process.env['XDG_RUNTIME_DIR']
      process.env['XDG_RUNTIME_DIR'] = folder
      const theirs = join(folder, `duostack-${lab.id}`)
      mkdirSync(theirs)
      // Not by mkdir's mode, which the umask narrows to the right one.
      chmodSync(theirs, 0o755)
      try {
        await ensureSshMaterial({ ...lab, paths: { ...lab.paths, ssh: join(folder, 'ssh') } })
      } finally {
        if (own === undefined) delete process.env['XDG_RUNTIME_DIR']
        else process.env['XDG_RUNTIME_DIR'] = own
        rmSync(folder, { recursive: true, force: true })
      }
    },
    replace: [[/\(\d+, mode/g, '(<uid>, mode']],
  })
})
