import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keepApplied, loadAppliedLab } from '../../scripts/declaration/applied.ts'
import { LabError } from '../../scripts/declaration/errors.ts'
import { newIdentity, writeIdentity } from '../../scripts/declaration/identity.ts'
import { loadDeclaration, loadLab } from '../../scripts/declaration/load.ts'
import { loadRunningLab } from '../../scripts/lab/running-lab.ts'
import { makeCheckout, resolved, writeIn } from './checkout.ts'

/** A checkout whose lab runs. */
function builtCheckout(): string {
  const root = makeCheckout()
  mkdirSync(join(root, '.lab'))
  writeIdentity(root, newIdentity(loadDeclaration(root), resolved))
  return root
}

test('a mistake in ansible-vars/ does not hide the running lab: it is as the last up read it', () => {
  const root = builtCheckout()
  const before = loadLab(root)
  keepApplied(root)
  writeIn(root, 'ansible-vars/group_vars/all.yml', 'lab_name: [')
  expect(() => loadLab(root)).toThrow(LabError)
  expect(loadRunningLab(root)).toEqual(before)
})

test('without such a copy, or without a lab, the mistake is told as before', () => {
  const root = builtCheckout()
  writeIn(root, 'ansible-vars/group_vars/all.yml', 'lab_name: [')
  expect(loadAppliedLab(root)).toBeUndefined()
  mkdirSync(join(root, '.lab/applied'))
  expect(loadAppliedLab(root)).toBeUndefined()
  expect(() => loadRunningLab(root)).toThrow(LabError)
})

test('the copy has no secrets', () => {
  const root = builtCheckout()
  writeIn(root, 'ansible-vars/secrets.yml', 'admin_password: x\n')
  keepApplied(root)
  expect(existsSync(join(root, '.lab/applied/ansible-vars/hosts.yml'))).toBe(true)
  expect(existsSync(join(root, '.lab/applied/ansible-vars/secrets.yml'))).toBe(false)
})
