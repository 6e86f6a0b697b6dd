/** Errors that the user fixes in the declaration or on the command line. */

import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from 'citty'
import { describe } from 'vitest'
import { LabError } from '../../scripts/declaration/errors.ts'
import { checkIdentity, newIdentity, readIdentity, writeIdentity } from '../../scripts/declaration/identity.ts'
import { loadDeclaration, loadLab } from '../../scripts/declaration/load.ts'
import { loadSecrets } from '../../scripts/declaration/secrets.ts'
import { parseSince } from '../../scripts/insight/logs/since.ts'
import { checkArguments, checkPassthrough, unknownCommand } from '../../scripts/lab/check-arguments.ts'
import { commands, readUsage } from '../../scripts/lab/commands.ts'
import { declaredNode } from '../../scripts/nodes/declared-node.ts'
import { handOver } from '../../scripts/run/hand-over.ts'
import { makeCheckout, resolved, writeIn } from '../declaration/checkout.ts'
import { fixtureLab } from '../fixtures/lab.ts'
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
    name: 'a file that is not YAML',
    trigger: () => loadLab(makeCheckout(['all', 'lab_region: RegionOne', 'lab_region: [RegionOne'])),
  })
  exhibit({
    kind: 'LabError',
    name: 'overlapping address ranges',
    trigger: () => loadLab(makeCheckout(['all', 'cidr: 192.0.2.0/24', 'cidr: 203.0.113.128/25'])),
  })
  exhibit({
    kind: 'LabError',
    name: 'an override for an unknown file',
    trigger: () =>
      loadLab(
        makeCheckout(['all', 'overrides: {}', 'overrides: { /etc/nova/nova.cnf: { DEFAULT: { debug: true } } }']),
      ),
  })
  exhibit({
    kind: 'LabError',
    name: 'a change that a running lab cannot follow',
    trigger: () => {
      const identity = newIdentity(loadDeclaration(makeCheckout()), resolved)
      const changed = loadDeclaration(makeCheckout(['all', 'lab_name: duostack', 'lab_name: other']))
      throw new LabError(checkIdentity(changed, identity))
    },
  })
  exhibit({
    kind: 'LabError',
    name: 'a truncated identity file',
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
    name: 'secrets readable by others',
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
    name: 'an unknown option and an extra argument',
    trigger: async () => checkArguments(await readUsage('down'), ['--yse', 'please']),
  })
  exhibit({
    kind: 'LabError',
    name: 'an unknown service',
    trigger: async () => checkArguments(await readUsage('logs'), ['nova', 'neutorn']),
  })
  exhibit({ kind: 'LabError', name: 'an invalid time', trigger: () => parseSince('yesterday') })
  exhibit({ kind: 'LabError', name: 'an unknown node', trigger: () => declaredNode(lab, 'compute9') })
  exhibit({
    kind: 'LabError',
    name: 'exec without a command',
    trigger: () => checkPassthrough('exec', commands['exec']!, ['--']),
  })
  exhibit({
    kind: 'LabError',
    name: 'an unknown kind of node for e2e',
    trigger: async () => {
      const { default: command } = await import('../../scripts/lab/test.ts')
      await runCommand(command, { rawArgs: ['--', 'e2e', '--hypervisor', 'vbox'] })
    },
  })
  exhibit({ kind: 'LabError', name: 'an unknown program', trigger: () => handOver('no-such-program', [], {}) })
})
