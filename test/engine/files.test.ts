/** Files and directories on a node, over a real ssh server. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ensureFile } from '../../scripts/engine/files.ts'
import { me, type Sshd, startSshd } from './sshd.ts'

let sshd: Sshd
let path: string
let count = 0
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())
beforeEach(() => {
  path = join(sshd.folder, `etc${++count}`, 'glance', 'glance-api.conf')
})

const content = "[DEFAULT]\nname = it's ünïcode $HOME `date` \\ EOF\n"
const file = () => ensureFile({ ...me, path, content, mode: '0640' })
const write = (text: string, mode = 0o640) => {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
}
const modeOf = (one: string) => (statSync(one).mode & 0o7777).toString(8)

test('a missing file is created with its folder, exact content and mode', async () => {
  expect(await sshd.run([file()])).toEqual([`file /etc${count}/glance/glance-api.conf: is missing`])
  expect(readFileSync(path, 'utf8')).toBe(content)
  expect(modeOf(path)).toBe('640')
  expect(readdirSync(join(path, '..'))).toEqual(['glance-api.conf'])
})

test('a correct file is left alone: its times stay', async () => {
  await sshd.run([file()])
  const before = statSync(path)
  expect(await sshd.run([file()])).toEqual([])
  const after = statSync(path)
  expect([after.mtimeMs, after.ctimeMs, after.ino]).toEqual([before.mtimeMs, before.ctimeMs, before.ino])
})

test('different content is replaced by a new file, never written in place', async () => {
  write('[DEFAULT]\nname = wrong\n')
  const { ino } = statSync(path)
  expect(await sshd.run([file()])).toEqual([`file /etc${count}/glance/glance-api.conf: its content differs`])
  expect(readFileSync(path, 'utf8')).toBe(content)
  expect(statSync(path).ino).not.toBe(ino)
})

test('a wrong mode alone is corrected without touching the content', async () => {
  write(content, 0o666)
  const { mtimeMs, ino } = statSync(path)
  const owner = `${me.owner}:${me.group}`
  expect(await sshd.run([file()])).toEqual([
    `file /etc${count}/glance/glance-api.conf: it is ${owner} 666, not ${owner} 640`,
  ])
  expect(modeOf(path)).toBe('640')
  expect([statSync(path).mtimeMs, statSync(path).ino]).toEqual([mtimeMs, ino])
})

test('a symbolic link is refused and its target is not written', async () => {
  mkdirSync(join(path, '..'), { recursive: true })
  const target = `${path}.elsewhere`
  writeFileSync(target, 'mine')
  symlinkSync(target, path)
  await expect(sshd.run([file()])).rejects.toThrow(`${path} is a symbolic link to ${target}; it is not replaced`)
  expect(readFileSync(target, 'utf8')).toBe('mine')
})

test('a directory in place of a file is refused', async () => {
  mkdirSync(path, { recursive: true })
  await expect(sshd.run([file()])).rejects.toThrow(`${path} is directory; it is not replaced`)
})

test('a dry run says what differs and changes nothing', async () => {
  expect(await sshd.run([file()], { dry: true })).toEqual([`file /etc${count}/glance/glance-api.conf: is missing`])
  expect(existsSync(join(path, '..'))).toBe(false)
  write('other')
  const { ctimeMs } = statSync(path)
  expect(await sshd.run([file()], { dry: true })).toEqual([
    `file /etc${count}/glance/glance-api.conf: its content differs`,
  ])
  expect(statSync(path).ctimeMs).toBe(ctimeMs)
})

test('a half-written file of a killed run is cleaned up', async () => {
  write('other')
  writeFileSync(join(path, '..', '.glance-api.conf.duostack.Ab12Cd'), 'half')
  await sshd.run([file()])
  expect(readdirSync(join(path, '..'))).toEqual(['glance-api.conf'])
})

test('a directory is created, left alone if correct, and its mode corrected', async () => {
  const directory = ensureFile({ ...me, path, content: '', directory: true, mode: '0750' })
  expect(await sshd.run([directory])).toEqual([`directory /etc${count}/glance/glance-api.conf: is missing`])
  expect(modeOf(path)).toBe('750')
  expect(await sshd.run([directory])).toEqual([])
  chmodSync(path, 0o700)
  expect(await sshd.run([directory])).toHaveLength(1)
  expect(modeOf(path)).toBe('750')
})

test('an empty file and a file larger than a pipe arrive whole', async () => {
  const large = `${'x'.repeat(99)}\n`.repeat(3000)
  const operations = [
    ensureFile({ ...me, path: `${path}.empty`, content: '' }),
    ensureFile({ ...me, path: `${path}.large`, content: large }),
  ]
  expect(await sshd.run(operations)).toHaveLength(2)
  expect(readFileSync(`${path}.empty`, 'utf8')).toBe('')
  expect(readFileSync(`${path}.large`, 'utf8')).toBe(large)
  expect(await sshd.run(operations)).toEqual([])
})
