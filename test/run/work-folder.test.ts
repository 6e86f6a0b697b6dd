import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { withWorkFolder } from '../../scripts/run/work-folder.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const program = join(import.meta.dirname, '../../scripts/run/work-folder.ts')
const runner = join(import.meta.dirname, '../../scripts/run.mjs')

/** Another process that works in the cache; returned once its folder exists. */
async function startWork(cache: string) {
  const script = join(temporaryFolder(), 'work.mjs')
  writeFileSync(
    script,
    `import { withWorkFolder } from ${JSON.stringify(program)}
await withWorkFolder(process.argv[2], 'download', async (folder) => {
  console.log(folder)
  await new Promise((resolve) => setTimeout(resolve, 60_000))
})`,
  )
  const child = execa('node', [runner, script, cache], { reject: false })
  const line = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))))
  return { child, folder: line.trim() }
}

test('is removed after the work, also after a failure', async () => {
  const cache = temporaryFolder()
  expect(await withWorkFolder(cache, 'work', async (folder) => existsSync(folder))).toBe(true)
  await expect(withWorkFolder(cache, 'work', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(readdirSync(cache)).toEqual([])
})

test('of a killed process is removed by the next one; of a running process it stays', async () => {
  const cache = temporaryFolder()
  const { child, folder } = await startWork(cache)
  try {
    await withWorkFolder(cache, 'work', async () => expect(existsSync(folder)).toBe(true))
  } finally {
    child.kill('SIGKILL')
    await child
  }
  expect(existsSync(folder)).toBe(true)
  await withWorkFolder(cache, 'work', async () => expect(existsSync(folder)).toBe(false))
})

test('whose pid now belongs to another process is removed, and so is an old one without a known owner', async () => {
  const cache = temporaryFolder()
  const names = [`download-${process.pid}.1-abcdef`, 'download-oLdOnE', 'work-nEwOnE', 'timings-lxc.json', 'providers']
  for (const name of names) mkdirSync(join(cache, name))
  utimesSync(join(cache, 'download-oLdOnE'), 0, 0)
  utimesSync(join(cache, 'providers'), 0, 0)
  await withWorkFolder(cache, 'work', async () => {})
  expect(readdirSync(cache).sort()).toEqual(['providers', 'timings-lxc.json', 'work-nEwOnE'])
})
