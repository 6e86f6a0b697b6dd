/** How far a lab is, judged by what exists of it. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import type { Status } from '../../scripts/health/status/status.ts'
import { describe, standingOf } from '../../scripts/lab/overview.ts'
import { overviewFromOutside } from '../../scripts/lab/standings.ts'
import { whoHoldsLock } from '../../scripts/run/lock.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('lxc')
const node = { name: 'controller', roles: [], address: '10.0.0.11', state: 'running', memoryMiB: 6144 }
const trouble = { id: 'x', what: 'x', seen: 'y', next: 'z', ofUser: false }
const seen: Status = { lab, healthy: true, troubles: [], nodes: [node] }

test.each<[string, Status | undefined, boolean, string]>([
  ['a lab without problems', seen, true, 'healthy'],
  ['a lab without problems, whose last up failed', seen, false, 'healthy'],
  ['problems with what users created', { ...seen, troubles: [{ ...trouble, ofUser: true }] }, true, 'healthy'],
  ['problems of the lab', { ...seen, healthy: false, troubles: [trouble] }, true, 'unhealthy'],
  ['problems after an up that failed', { ...seen, healthy: false, troubles: [trouble] }, false, 'unfinished'],
  ['nodes that are shut down', { ...seen, healthy: false, nodes: [{ ...node, state: 'shut off' }] }, true, 'stopped'],
  ['no answer', undefined, true, 'unknown'],
])('%s', (_, status, isWhole, standing) => {
  expect(standingOf(status, isWhole)).toBe(standing)
})

test('of several problems the first is shown, and how many more there are', () => {
  const second = { ...trouble, what: 'another' }
  expect(describe({ ...seen, troubles: [trouble] })).toBe('  ✗ x: y')
  expect(describe({ ...seen, troubles: [trouble, second] })).toBe('  ✗ x: y\n    and 1 more: ./lab status')
})

test('without a lab it says how to begin', async () => {
  expect(await overviewFromOutside(temporaryFolder())).toContain('./lab doctor --host')
})

test('a lock tells who holds it, for as long as it is held', async () => {
  const root = temporaryFolder()
  expect(await whoHoldsLock(root)).toBeUndefined()
  mkdirSync(join(root, '.lab'))
  const path = join(root, '.lab/lock')
  writeFileSync(path, JSON.stringify({ pid: 12, command: 'main.ts up', since: '2026-01-01T00:00:00Z' }))
  expect(await whoHoldsLock(root)).toBeUndefined()
  const holder = execa('flock', [path, 'sh', '-c', 'echo held; read -r _'], { reject: false })
  await new Promise((resolve) => holder.stdout.once('data', resolve))
  expect(await whoHoldsLock(root)).toBe('held by main.ts up (process 12, since 2026-01-01T00:00:00Z)')
  holder.stdin.end()
  await holder
  expect(await whoHoldsLock(root)).toBeUndefined()
})
