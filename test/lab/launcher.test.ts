/** The launcher in a folder without node modules, with a stand-in for npm that writes down each of its calls. */

import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'

const checkout = resolve(import.meta.dirname, '../..')
let folder: string

const npm = `#!/bin/sh
echo "$*" >>calls
sleep 0.3
[ ! -e fails ] || { rm fails; exit 7; }
mkdir -p terraform-providers/libvirt/gen
ln -s ${checkout}/node_modules .
`

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duostack-launcher-'))
  await copyFile(join(checkout, 'lab'), join(folder, 'lab'))
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin/npm'), npm)
  await chmod(join(folder, 'bin/npm'), 0o755)
  await writeFile(join(folder, 'package-lock.json'), '{}')
  // Older than what is installed in the checkout.
  await utimes(join(folder, 'package-lock.json'), 0, 0)
  await mkdir(join(folder, 'scripts/lab'), { recursive: true })
  for (const file of ['scripts/run.mjs', 'scripts/loader.mjs']) await copyFile(join(checkout, file), join(folder, file))
  await writeFile(join(folder, 'scripts/lab/main.ts'), 'console.log(process.argv.slice(2).join())')
})

afterEach(() => rm(folder, { recursive: true }))

const call = (...args: string[]) =>
  execa('./lab', args, {
    cwd: folder,
    reject: false,
    env: { PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter) },
  })

const npmCalls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n').length

test('first calls side by side install the node modules once, and all of them go on', async () => {
  const results = await Promise.all([call('one'), call('two'), call('three')])
  expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual([
    [0, 'one'],
    [0, 'two'],
    [0, 'three'],
  ])
  expect(await npmCalls()).toBe(1)
})

test('an installation that fails ends the call, and the next one tries again', async () => {
  await writeFile(join(folder, 'fails'), '')
  expect((await call('status')).exitCode).toBe(7)
  expect(await call('status')).toMatchObject({ exitCode: 0, stdout: 'status' })
  expect(await npmCalls()).toBe(2)
})
