/** No allowed node name is the name of one of our constructs; synth would fail with a stack trace of the library. */

import type { App } from 'cdktf'
import { expect, test } from 'vitest'
import { reservedNames } from '../../scripts/declaration/across-nodes.ts'
import type { Hypervisor, Lab } from '../../scripts/declaration/lab.ts'
import { labelRule } from '../../scripts/declaration/schema.ts'
import { buildApp } from '../../stacks/app.ts'
import { fixtureLab, fixtureNode, fixtureSecrets, fixtureStockImage } from '../fixtures/lab.ts'

const shapes: readonly [string, Lab][] = [
  ...(['kvm', 'qemu', 'lxc'] as const).map((hypervisor: Hypervisor) => [hypervisor, fixtureLab(hypervisor)] as const),
  ['kvm from a stock image', fixtureLab('kvm', { stockImage: fixtureStockImage })],
].map(([name, lab]) => [name as string, lab as Lab])

const idsOf = (lab: Lab) =>
  (buildApp(lab, fixtureSecrets, { outdir: '/nonexistent' }).node.findChild('nodes') as App).node.children.map(
    ({ node }) => node.id,
  )

test.each(shapes)('of the stack nodes, %s', (_, lab) => {
  const known = lab.nodes.map(({ name }) => name)
  const ids = idsOf(lab)
  const isNodes = (id: string) => known.some((name) => id === name || id.startsWith(`${name}_`))
  // What follows a node's name in the ids of its own constructs.
  const endings = [
    ...new Set(ids.filter(isNodes).map((id) => id.slice(known.find((name) => id.startsWith(name))!.length))),
  ]
  expect(endings).toContain('')
  const colliding = ids
    .filter((id) => !isNodes(id))
    .flatMap((id) =>
      endings.filter((ending) => id.endsWith(ending)).map((ending) => id.slice(0, id.length - ending.length)),
    )
    .filter((name) => labelRule.pattern.test(name))
  expect(colliding.filter((name) => !reservedNames.includes(name))).toEqual([])
})

test('a storage node with the longest name that is allowed is synthesized', () => {
  const name = `s${'-'.repeat(18)}s`
  expect(labelRule.pattern.test(name)).toBe(true)
  const lab = fixtureLab('kvm')
  const nodes = [...lab.nodes, fixtureNode(name, 41, { roles: ['storage'], volumeDiskGiB: 4 })]
  expect(idsOf({ ...lab, nodes })).toContain(`${name}_volumes`)
})
