import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { createFile, replaceFile } from '../../scripts/declaration/files.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const scripts = join(import.meta.dirname, '../../scripts')

/** As on a disk with room for 256 KiB: the first write takes that much, and the next is refused. */
async function writeOnFullDisk(file: string, call: 'replaceFile' | 'createFile') {
  const program = join(temporaryFolder(), 'write.mjs')
  const files = JSON.stringify(join(scripts, 'declaration/files.ts'))
  writeFileSync(program, `import { ${call} } from ${files}\n${call}(process.argv[2], 'x'.repeat(375_000))\n`)
  const limited = 'trap "" XFSZ; ulimit -f 256; exec "$@"'
  return execa('bash', ['-c', limited, 'limited', 'node', join(scripts, 'run.mjs'), program, file], {
    reject: false,
    // Compiled programs are cached, which the limit would break, too.
    env: { JITI_FS_CACHE: 'false' },
  })
}

describe('a file that cannot be written completely', () => {
  test('leaves the old one and nothing else, and is an error that names it', async () => {
    const file = join(temporaryFolder(), 'plan.json')
    writeFileSync(file, 'old')
    const { exitCode, stderr } = await writeOnFullDisk(file, 'replaceFile')
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('EFBIG')
    expect(stderr).toContain(file)
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(readdirSync(join(file, '..'))).toEqual(['plan.json'])
  })

  test('is not created', async () => {
    const folder = temporaryFolder()
    expect((await writeOnFullDisk(join(folder, 'secrets.yml'), 'createFile')).exitCode).not.toBe(0)
    expect(readdirSync(folder)).toEqual([])
  })
})

test('text and bytes of any length are written completely, mode 0600, replacing the old file', () => {
  const file = join(temporaryFolder(), 'page.html')
  for (const content of ['', 'ä'.repeat(300_000), Buffer.alloc(1_000_000, 7)]) {
    replaceFile(file, content)
    expect(readFileSync(file).equals(Buffer.from(content as string))).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  }
  expect(createFile(file, 'other')).toBe(false)
  expect(statSync(file).size).toBe(1_000_000)
})

test('a folder is not replaced', () => {
  const folder = join(temporaryFolder(), 'folder')
  mkdirSync(folder)
  expect(() => replaceFile(folder, 'x')).toThrow()
  expect(statSync(folder).isDirectory()).toBe(true)
})
