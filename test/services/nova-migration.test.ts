/** ssh keys between compute nodes: each accepts the others' keys from their addresses only, and nobody else has one. */

import { expect, test } from 'vitest'
import type { Lab } from '../../scripts/declaration/lab.ts'
import { renderContent } from '../../scripts/engine/ini.ts'
import { nodesOf } from '../../scripts/engine/operations.ts'
import { filesOn } from '../../scripts/engine/service.ts'
import { serviceOf } from '../../scripts/services/index.ts'
import { deriveSshKey } from '../../scripts/services/ssh-key.ts'
import { fixtureLab, fixtureNode, fixtureSecrets } from '../fixtures/lab.ts'

const folder = '/var/lib/nova/.ssh'
const alone = fixtureLab('kvm')
const withThree: Lab = { ...alone, nodes: [...alone.nodes, fixtureNode('compute2', 32), fixtureNode('compute3', 33)] }
const publicOf = (name: string) => deriveSshKey(fixtureSecrets.nova_migration_key, name).public

/** Everything that Nova writes on a node, by path. */
function filesOf(lab: Lab, name: string) {
  const node = lab.nodes.find((one) => one.name === name)!
  const parts = serviceOf(lab, fixtureSecrets, 'nova').parts.filter((part) => nodesOf(part, lab).includes(node))
  return new Map(parts.flatMap((part) => filesOn(part, name)).map((file) => [file.path, file]))
}

const textOf = (lab: Lab, node: string, path: string) => renderContent(filesOf(lab, node).get(path)!.content)

test('a compute node accepts the keys of the others, each from its own address, only for commands', () => {
  expect(textOf(withThree, 'compute1', `${folder}/peers`)).toBe(
    `from="10.0.0.32",restrict ${publicOf('compute2')} compute2\nfrom="10.0.0.33",restrict ${publicOf('compute3')} compute3\n`,
  )
})

test('it knows the others by their keys, at the address and port where they listen', () => {
  expect(textOf(withThree, 'compute1', `${folder}/known_hosts`)).toBe(
    `[10.0.0.32]:2022 ${publicOf('compute2')}\n[10.0.0.33]:2022 ${publicOf('compute3')}\n`,
  )
  expect(textOf(withThree, 'compute2', '/etc/nova/migration_sshd_config')).toContain('ListenAddress 10.0.0.32:2022\n')
})

test("only Nova's user can read all of it, and no two nodes have the same private key", () => {
  const keys = ['compute1', 'compute2', 'compute3'].map((name) => {
    const files = [...filesOf(withThree, name).values()].filter(({ path }) => path.startsWith(`${folder}/`))
    expect(files.map(({ owner, group, mode }) => `${owner}:${group} ${mode}`)).toEqual(Array(4).fill('nova:nova 0600'))
    return textOf(withThree, name, `${folder}/id_ed25519`)
  })
  expect(new Set(keys).size).toBe(3)
})

test('the controller has no key and accepts none, and neither does a single compute node', () => {
  const traces = (lab: Lab, node: string) =>
    [...filesOf(lab, node)]
      .filter(([path, { content }]) => /ssh/.test(path) || /PRIVATE KEY|ssh-ed25519/.test(renderContent(content)))
      .map(([path]) => path)
  expect(traces(withThree, 'controller')).toEqual([])
  expect(traces(alone, 'compute1')).toEqual([])
  expect(traces(withThree, 'compute1')).toHaveLength(8)
  // Where the node's own sshd would accept them, on its own port and for its own account.
  expect(traces(withThree, 'compute1').filter((path) => path.endsWith('authorized_keys'))).toEqual([])
})

test('a node that has become the only one forgets the others', () => {
  const steps = (lab: Lab) => serviceOf(lab, fixtureSecrets, 'nova').parts.flatMap(({ setup = [] }) => setup)
  const forget = (lab: Lab) => steps(lab).find(({ name }) => name === 'no keys of other compute nodes')
  expect(forget(alone)?.run).toContain(`rm -rf ${folder} `)
  expect(forget(withThree)).toBeUndefined()
})
