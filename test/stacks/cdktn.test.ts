import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../fixtures/folder.ts'

const root = resolve(import.meta.dirname, '../..')
const stacks = ['nodes', 'services', 'cloud'] as const

/** What the same sources produce, and the version of the library that produced it. */
async function synthesize(...preload: string[]) {
  const outdir = temporaryFolder()
  const program = join(import.meta.dirname, 'synthesize-fixture.ts')
  await execa(process.execPath, [...preload, '--import', 'tsx', program, outdir], { cwd: root })
  const read = (file: string) => JSON.parse(readFileSync(join(outdir, file), 'utf8'))
  const { version, ...manifest } = read('manifest.json')
  const texts = stacks.map((stack) => {
    const {
      '//': { metadata },
      ...content
    } = read(`stacks/${stack}/cdk.tf.json`)
    return { stack, madeBy: metadata.version, content }
  })
  return { version, manifest, texts }
}

test('cdktn instead of cdktf produces the same stacks from the same sources', async () => {
  const [cdktf, cdktn] = await Promise.all([
    synthesize(),
    synthesize('--import', join(import.meta.dirname, 'use-cdktn.mjs')),
  ])
  expect([cdktf.version, cdktn.version]).toEqual(['0.21.0', '0.24.0'])
  expect(cdktn.manifest).toEqual(cdktf.manifest)
  for (const [index, { stack, madeBy, content }] of cdktn.texts.entries()) {
    expect(madeBy).toBe('0.24.0')
    expect(content, stack).toEqual(cdktf.texts[index]!.content)
    expect(Object.keys((content as { resource: object }).resource)).not.toEqual([])
  }
})
