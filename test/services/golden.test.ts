/** What every service writes on every node is exactly what is in the golden folder. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { goldenFiles } from './golden.ts'

const folder = join(import.meta.dirname, 'golden')
const files = goldenFiles()

test.each([...files.keys()])('%s is as in the golden folder', async (path) => {
  await expect(files.get(path)).toMatchFileSnapshot(join(folder, path))
})

test('every golden file belongs to a file that a service still writes', () => {
  const present = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  expect(present.filter((path) => !files.has(path))).toEqual([])
})
