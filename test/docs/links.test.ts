/** Links between the pages work, anchors included; every page is in the index; pages that the code names exist. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { anchorsOf } from './anchors.ts'

const root = resolve(import.meta.dirname, '../..')
const files = execaSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root })
  .stdout.split('\n')
  .filter((file) => existsSync(join(root, file)))
const pages = files.filter((file) => file.endsWith('.md'))
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** A page without its code, which may contain text that looks like a link. */
const proseOf = (page: string) =>
  page.replaceAll(/^```.*?^```/gms, '').replaceAll(/`[^`\n]*`/g, (code) => code.slice(1, -1))

/** The targets of a page's links, without those to other sites. */
function linksOf(page: string) {
  return [...proseOf(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', anchor] = link.split('#')
      return { link, target: path === '' ? page : relative(root, resolve(root, dirname(page), path)), anchor }
    })
}

test.each(pages)('the links of %s lead to files and headings that exist', (page) => {
  const broken = linksOf(page).filter(
    ({ target, anchor }) =>
      !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(read(target)).includes(anchor)),
  )
  expect(broken.map(({ link }) => link)).toEqual([])
})

test('the index has every page of docs/', () => {
  const listed = new Set(linksOf('docs/README.md').map(({ target }) => target))
  const missing = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md' && !listed.has(page))
  expect(missing).toEqual([])
})

test('every file of docs/ that sources, texts and settings name exists', () => {
  const named = files
    .filter((file) => /\.(ts|cjs|mjs|json|ya?ml|md|sh|py)$/.test(file) && file !== 'package-lock.json')
    .flatMap((file) =>
      [...read(file).matchAll(/(?<![\w.-]\/|\w)docs\/[\w./-]+\.(?:md|json|svg)\b/g)].map(([name]) => ({ file, name })),
    )
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter(({ name }) => !existsSync(join(root, name)))).toEqual([])
})
