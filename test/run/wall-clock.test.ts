/** Timeouts do not follow this machine's wall clock, which may step. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const scripts = join(import.meta.dirname, '../../scripts')

/** Rooms that contain every wait for a node, a service or a cloud. */
const rooms = ['declaration', 'run', 'cloud', 'libvirt', 'terraform', 'engine', 'image', 'services', 'nodes', 'host']

/** Not waits: two compare clocks, one is that clock, one checks the age of folders. */
const compare = ['host/source-facts.ts', 'nodes/node-clock.ts', 'run/progress/clock.ts', 'run/work-folder.ts']

test('waits are measured with the clock that never steps', () => {
  const files = rooms.flatMap((room) =>
    readdirSync(join(scripts, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(room, name)),
  )
  expect(files.length).toBeGreaterThan(50)
  const wall = files.filter((file) => readFileSync(join(scripts, file), 'utf8').includes('Date.now()'))
  expect(wall.sort()).toEqual(compare)
})
