/** The pages that errors and problems name exist, with their headings. */

import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { CommandError, ConnectError, LabError, UsageError } from '../../scripts/declaration/errors.ts'
import { noLab } from '../../scripts/declaration/expect-lab.ts'
import { rules } from '../../scripts/health/doctor/rules/index.ts'
import { pagesOf, pagesOfKinds, pagesOfPlaces, withPages } from '../../scripts/lab/doc-pages.ts'
import { anchorsOf } from '../docs/anchors.ts'

const root = resolve(import.meta.dirname, '../..')

const named = [
  ...pagesOfPlaces.map(([, page]) => page),
  ...Object.values(pagesOfKinds),
  ...Object.keys(rules).map((rule) => `docs/reference/troubleshooting.md#${rule}`),
]

test.each([...new Set(named)])('%s exists', (page) => {
  const [file = '', anchor] = page.split('#')
  expect(existsSync(join(root, file))).toBe(true)
  if (anchor !== undefined) expect(anchorsOf(readFileSync(join(root, file), 'utf8'))).toContain(anchor)
})

const finding = (where: string) => ({ where, given: 'x', allowed: 'y' })

test.each([
  ['ansible-vars/hosts.yml:3:1', 'docs/reference/declaration.md#hostsyml-the-nodes'],
  ['ansible-vars/group_vars/all.yml:12:3', 'docs/reference/declaration.md#group_varsallyml-the-whole-lab'],
  ['ansible-vars/secrets.yml', 'docs/reference/security.md#secrets'],
  ['/dev/kvm', 'docs/guide/command-line.md#before-the-first-up'],
])('a mistake in %s is explained in %s', (where, page) => {
  expect(pagesOf(new LabError([finding(where), finding(where)]))).toEqual([page])
})

test('each kind of error has its page; a wrong command line has its own help', () => {
  expect(pagesOf(noLab())).toEqual([pagesOfKinds.noLab])
  expect(pagesOf(new ConnectError('controller', 'timed out', 'ssh controller'))).toEqual([pagesOfKinds.connect])
  const failure = { node: 'controller', step: 'x', paste: 'x', exitCode: 1, output: '' }
  expect(pagesOf(new CommandError(failure))).toEqual([pagesOfKinds.other])
  expect(pagesOf(new UsageError([finding('./lab logs')]))).toEqual([])
  expect(pagesOf(new Error('ours'))).toEqual([])
  expect(withPages('message', noLab())).toBe(`message\n    docs: ${pagesOfKinds.noLab}`)
})
