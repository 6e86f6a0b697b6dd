import { expect, test } from 'vitest'
import { isWell, type ProjectStatus, showProjectStatus } from '../../../scripts/health/status/project.ts'

const status: ProjectStatus = {
  project: { id: 'p1', name: 's01' },
  use: { instances: { used: 1, limit: 2 }, ports: { used: 3, limit: -1 } },
  objects: [
    { kind: 'servers', id: 'i1', name: 'web', status: 'ACTIVE' },
    { kind: 'volumes', id: 'v1', name: 'a\u001b[2J\nb', status: 'error_deleting' },
    { kind: 'routers', id: 'r1', name: 's01' },
  ],
}

test('what a project owns and uses is shown on a few lines, hostile names inert', () => {
  expect(showProjectStatus(status).split('\n')).toEqual([
    'project s01 (p1)',
    'quotas',
    '  instances  1 of 2',
    '  ports      3 of any number',
    'owns',
    '  ✓ servers  web          ACTIVE          i1',
    '  ✗ volumes  a\\x1b[2J\\nb  error_deleting  v1',
    '  ✓ routers  s01                          r1',
  ])
  expect(status.objects.map(isWell)).toEqual([true, false, true])
})

test('a project without anything says so', () => {
  expect(showProjectStatus({ ...status, use: {}, objects: [] })).toMatch(/\nowns nothing$/)
})
