/** What the benchmark writes into a declaration, which is then loaded as for a lab. */

import { cp } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { changeOneKey, declareLab } from '../../bench/declare.ts'
import { loadLab } from '../../scripts/declaration/load.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const source = resolve(import.meta.dirname, '../../ansible-vars')

async function copyDeclaration(): Promise<string> {
  const root = temporaryFolder()
  await cp(source, join(root, 'ansible-vars'), { recursive: true })
  return root
}

test('every change of the key is a real one: a second run of the same checkout writes a different value', async () => {
  const root = await copyDeclaration()
  const debug = () => loadLab(root).configOverrides['/etc/glance/glance-api.conf']?.DEFAULT?.debug
  // This checkout's own declaration may have the key already.
  const before = debug() === 'true'
  await changeOneKey(root)
  const first = debug()
  await changeOneKey(root)
  const second = debug()
  expect([first, second]).toEqual([String(!before), String(before)])
})

test('as many compute nodes as asked for, each with the memory asked for', async () => {
  const root = await copyDeclaration()
  await declareLab(root, { computes: 3, computeMiB: 1536 })
  const computes = loadLab(root).nodes.filter(({ name }) => name.startsWith('compute'))
  expect(computes.map(({ name, memoryMiB }) => [name, memoryMiB])).toEqual([
    ['compute1', 1536],
    ['compute2', 1536],
    ['compute3', 1536],
  ])
})

test('self-service networks only where they are asked for', async () => {
  const root = await copyDeclaration()
  await declareLab(root, { computes: 1 })
  expect(loadLab(root).networking).toBe('provider')
  await declareLab(root, { computes: 1, selfService: true })
  expect(loadLab(root).networking).toBe('self-service')
})
