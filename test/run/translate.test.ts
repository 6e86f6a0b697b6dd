/** What `npm ci` compiles is what a program looks for when it starts. */

import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { ownProgram } from '../../scripts/run/own-program.ts'

const root = resolve(import.meta.dirname, '../..')

test('a compiled program is not compiled again when it starts', async () => {
  await execa(process.execPath, ['scripts/translate.mjs'], { cwd: root })
  const [node, ...program] = ownProgram(join(root, 'scripts/provision.ts'), '--help')
  const { all } = await execa(node, program, { env: { JITI_DEBUG: '1', NO_COLOR: '1' }, all: true })
  expect(all).toContain('[hit]')
  expect(all.split('\n').filter((line) => line.includes('[miss]'))).toEqual([])
})
