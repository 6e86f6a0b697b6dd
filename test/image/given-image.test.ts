import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expectedChecksum, withFile } from '../../scripts/image/given-image.ts'
import type { Progress } from '../../scripts/run/progress.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const progress: Progress = { step: (_, work) => work(() => {}), line: () => {} }

/** Answers every address with the same few bytes. Returns the host part of its URL. */
async function serve(content = 'disk'): Promise<string> {
  const server = createServer((_, response) => response.end(content))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function newLab() {
  const lab = fixtureLab('lxc')
  return { ...lab, paths: { ...lab.paths, cache: join(temporaryFolder(), 'a/b/cache') } }
}

describe('a download is a file whose name we choose', () => {
  test.each([
    '/..%2f..%2f..%2fescaped',
    '/x/..%2Fescaped',
    '/%2e%2e%2fescaped',
    '/%2Fetc%2Fescaped',
    '/os%00.img',
    '/100%',
    '/',
    '/os.qcow2',
  ])('%s', async (path) => {
    const lab = newLab()
    const url = (await serve()) + path
    await withFile(lab, url, progress, async (file) => {
      expect(dirname(dirname(file))).toBe(lab.paths.cache)
      expect(readdirSync(dirname(file))).toEqual(['image'])
    })
    expect(readdirSync(lab.paths.cache)).toEqual([])
    expect(readdirSync(join(lab.paths.cache, '..'))).toEqual(['cache'])
  })

  test('so is one of a killed run, and the next run removes it', async () => {
    const lab = newLab()
    const killed = join(lab.paths.cache, 'download-4194305.1-abcDEF')
    mkdirSync(killed, { recursive: true })
    await withFile(lab, `${await serve()}/os`, progress, async () => expect(existsSync(killed)).toBe(false))
  })

  test('an invalid URL is refused', async () => {
    await expect(expectedChecksum('http://[/os', undefined)).rejects.toThrow('http://[/os: not a valid URL')
  })
})

describe('a local file', () => {
  test('is passed to programs by its full path, and its name is not interpreted', async () => {
    const folder = temporaryFolder()
    // qemu-img would read another file; a list beside it is not requested under another name either.
    const file = join(folder, 'json:{"driver":"raw"}%2fx')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, 'x')
    const sum = createHash('sha256').update('x').digest('hex')
    writeFileSync(`${file}.sha256`, `${sum}\n`)
    expect(await expectedChecksum(file, undefined)).toEqual({ algorithm: 'sha256', value: sum })
    await withFile(newLab(), file, progress, async (given) => expect(given).toBe(file))
  })
})

test.each(['', ' '])('a checksum without digits (%j) is refused, not ignored', async (given) => {
  await expect(expectedChecksum('/os.qcow2', given)).rejects.toThrow(/^--checksum: [^\n]*\n {4}expected: sha256:HEX/)
})
