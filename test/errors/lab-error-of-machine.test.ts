/** Errors that the user fixes on this machine. */

import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe } from 'vitest'
import { LabError } from '../../scripts/declaration/errors.ts'
import { expectLab } from '../../scripts/declaration/expect-lab.ts'
import { checkHost } from '../../scripts/host/preflight.ts'
import { withLock } from '../../scripts/run/lock.ts'
import { enterLab } from '../../scripts/run/namespace.ts'
import { ensureSshMaterial } from '../../scripts/run/ssh-material.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'
import { fitMachine, wanted } from '../host/facts.ts'
import { exhibit } from './gallery.ts'

const lab = fixtureLab('lxc')

describe('this machine', () => {
  exhibit({
    kind: 'LabError',
    name: 'a machine that cannot run the lab',
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
    name: 'a lab that is not running',
    trigger: () => enterLab({ ...lab, id: 'ffffffff' }, ['true']),
  })
  exhibit({
    kind: 'LabError',
    name: 'a lock that another command holds',
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
    name: 'a full disk',
    // The device on which every write fails like this.
    trigger: () => writeFileSync('/dev/full', 'x'),
  })
  exhibit({
    kind: 'LabError',
    name: 'a checkout without a lab',
    trigger: () => expectLab(temporaryFolder()),
  })
  exhibit({
    kind: 'LabError',
    name: 'a folder owned by another user',
    trigger: async () => {
      const folder = temporaryFolder()
      const own = process.env['XDG_RUNTIME_DIR']
      process.env['XDG_RUNTIME_DIR'] = folder
      const theirs = join(folder, `duostack-${lab.id}`)
      mkdirSync(theirs)
      // Not with mkdir's mode: the umask would reduce it to the valid one.
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
