import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { leftOut, nodeImageDigest, nodePackages, recipeDigest } from '../../scripts/image/recipe.ts'

test('the packages of the node image are sorted and unique', () => {
  expect([...nodePackages]).toEqual([...new Set(nodePackages)].toSorted())
})

test('the digest of the node image is 64 hex digits and does not change from call to call', () => {
  expect(nodeImageDigest()).toMatch(/^[0-9a-f]{64}$/)
  expect(nodeImageDigest()).toBe(nodeImageDigest())
})

test('another package, another exclusion, another file content and another executable bit each give another digest', () => {
  const folder = mkdtempSync(join(tmpdir(), 'recipe-'))
  const file = join(folder, 'file')
  const script = join(folder, 'script')
  writeFileSync(file, 'one')
  writeFileSync(script, 'one', { mode: 0o755 })
  const digests = [
    recipeDigest(nodePackages, leftOut, [file]),
    recipeDigest([...nodePackages, 'cowsay'], leftOut, [file]),
    recipeDigest(nodePackages, leftOut.slice(1), [file]),
    recipeDigest(nodePackages, leftOut, [script]),
    recipeDigest(nodePackages, leftOut, [file, script]),
  ]
  writeFileSync(file, 'two')
  digests.push(recipeDigest(nodePackages, leftOut, [file]))
  expect(new Set(digests).size).toBe(digests.length)
})

test('the digest does not depend on the order in which the file system lists files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'recipe-'))
  const files = ['b', 'a'].map((name) => join(folder, name))
  for (const file of files) writeFileSync(file, file)
  expect(recipeDigest([], [], files)).toBe(recipeDigest([], [], files.toReversed()))
})

test('only test suites are left out of Python packages', () => {
  const python = leftOut.filter((pattern) => pattern.includes('python'))
  expect(python.length).toBeGreaterThan(0)
  for (const pattern of python) expect(pattern).toMatch(/^\/usr\/lib\/python3\/dist-packages\/\w+\/tests\/\*$/)
})
