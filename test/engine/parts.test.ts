/** The order in which the parts of a service are applied. */

import { expect, test } from 'vitest'
import { applyService } from '../../scripts/engine/apply.ts'
import { absentOperations } from '../../scripts/engine/operations.ts'
import type { Host } from '../../scripts/run/host.ts'
import { fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

test('a part starts when those before it are done; one marked alongside starts with the part before it', async () => {
  const lab = fixtureLab('kvm')
  const began: string[] = []
  const ended: string[] = []
  let letEnd: () => void = () => {}
  const bothBegan = new Promise<void>((resolve) => {
    letEnd = resolve
  })
  // Each ends only when both nodes have begun: run one after the other, the first would wait forever.
  const hostOf = ({ name }: { name: string }): Host => ({
    name,
    async run(script, { onLine }) {
      began.push(name)
      if (new Set(began).size === 2) letEnd()
      await bothBegan
      for (const [, index] of script.matchAll(/^operation (\d+)$/gm)) onLine?.(`ok ${index} `)
      ended.push(name)
      return ''
    },
  })
  const part = (on: 'controller' | 'compute', changes = {}) => ({
    ...{ on, packages: [], files: [{ path: '/etc/x', content: 'x' }], units: [] },
    ...changes,
  })
  const parts = [part('controller'), part('compute', { alongside: true }), part('controller')]
  await applyService({ name: 'nova', needs: [], parts, ready: [] }, { lab, secrets: fixtureSecrets, hostFor: hostOf })
  expect(began.slice(0, 2).toSorted()).toEqual(['compute1', 'controller'])
  expect(began).toHaveLength(3)
  expect(ended.slice(0, 2).toSorted()).toEqual(['compute1', 'controller'])
})

test('of a service that is switched off nothing runs, including what it had before', () => {
  const part = {
    on: 'controller',
    packages: [],
    files: [],
    units: ['cinder-api'],
    absentUnits: ['cinder-backup'],
  } as const
  expect(absentOperations(part).map(({ title }) => title)).toEqual([
    'not running cinder-api',
    'not running cinder-backup',
  ])
})
