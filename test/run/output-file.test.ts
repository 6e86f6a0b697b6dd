import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, onTestFinished, test } from 'vitest'
import { UsageError } from '../../scripts/declaration/errors.ts'
import { openOutput } from '../../scripts/run/output-file.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const open = (path: string) => openOutput('./lab report', path)

describe('a place for a file', () => {
  test('is a new file or one that is replaced, also through a link', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'report.html')
    open(file)('one')
    expect(readFileSync(file, 'utf8')).toBe('one')
    const link = join(folder, 'link')
    symlinkSync('report.html', link)
    open(link)('two')
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(readFileSync(file, 'utf8')).toBe('two')
  })

  test.runIf(isRoot)('may be a device, which stays one', async () => {
    const device = join(temporaryFolder(), 'null')
    await execa('mknod', [device, 'c', '1', '3'])
    open(device)('gone')
    expect(statSync(device).isCharacterDevice()).toBe(true)
    open('/dev/null')('gone')
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  test('may be a pipe, whose reader gets everything', async () => {
    const pipe = join(temporaryFolder(), 'pipe')
    await execa('mkfifo', [pipe])
    const reader = execa('wc', ['-c', pipe])
    // Larger than a pipe's buffer, so that it is written in pieces.
    open(pipe)('x'.repeat(200_000))
    expect((await reader).stdout).toMatch(/^200000 /)
    expect(statSync(pipe).isFIFO()).toBe(true)
  })

  test('is not created before there is something to write', () => {
    const folder = temporaryFolder()
    open(join(folder, 'report.html'))
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a place that cannot be a file is refused before the work', () => {
  const refusal = (path: string) => {
    try {
      open(path)
    } catch (error) {
      if (error instanceof UsageError) return error.message
      throw error
    }
    throw new Error('nothing was refused')
  }

  test('a folder, with what to name in it', () => {
    const folder = join(temporaryFolder(), 'folder')
    mkdirSync(folder)
    expect(refusal(folder)).toBe(
      `./lab report: ${folder}, which is a folder\n    expected: a new file, a file to overwrite, or something writable such as /dev/stdout\n    hint: name a file in it: ${folder}/NAME`,
    )
    expect(refusal('')).toContain('which is a folder')
  })

  test('a file in a folder that does not exist or is not a folder', () => {
    const folder = temporaryFolder()
    expect(refusal(join(folder, 'x y/report.html'))).toContain(`hint: mkdir -p '${folder}/x y'`)
    writeFileSync(join(folder, 'file'), '')
    expect(refusal(join(folder, 'file/report.html'))).toContain(`${folder}/file, which is not a folder`)
  })

  test('a socket', async () => {
    const path = join(temporaryFolder(), 's')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(path, resolve))
    onTestFinished(() => void server.close())
    expect(refusal(path)).toContain('which is a socket')
  })

  test.runIf(isRoot)('a disk', async () => {
    const path = join(temporaryFolder(), 'disk')
    await execa('mknod', [path, 'b', '7', '250'])
    expect(refusal(path)).toContain('which is a disk')
  })
})
