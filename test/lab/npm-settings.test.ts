/** The checkout's npm settings: `npm ci` installs what is needed whatever the user's own settings are. */

import { lstatSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
// @ts-expect-error: plain JavaScript, as npm runs it before there is anything that reads TypeScript
import { linkPackages } from '../../terraform-providers/link-packages.mjs'
import { temporaryFolder } from '../fixtures/folder.ts'

const checkout = resolve(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(checkout, file), 'utf8')
const manifest = JSON.parse(read('package.json'))
const lock: Record<string, { link?: boolean; hasInstallScript?: boolean; dev?: boolean; resolved?: string }> =
  JSON.parse(read('package-lock.json')).packages

const settings = read('.npmrc')
  .split('\n')
  .filter((line) => line && !line.startsWith('#'))

test.each([
  ['install-links=false', 'copies lack the bindings; the default of npm 9'],
  ['install-strategy=hoisted', 'the lock file is made for it'],
  ['bin-links=true', 'npx cdktf'],
  ['package-lock=true', 'npm ci reads it'],
  ['legacy-peer-deps=false', 'npm ci compares the lock file with it'],
  ['strict-peer-deps=false', 'npm ci refuses else'],
  ['engine-strict=false', 'one package that knows no newer Node.js would refuse all'],
  ['dry-run=false', 'nothing is installed else'],
  ['script-shell=sh', 'what our scripts are written for'],
  ['include[]=dev', 'against omit=dev and NODE_ENV=production: ./lab test'],
  ['include[]=optional', 'against omit=optional: binaries of esbuild and rolldown'],
])("%s is set in .npmrc and overrides the user's: %s", (setting) => {
  expect(settings).toContain(setting)
})

test('the providers are links into the checkout, in the manifest and in the lock file', () => {
  for (const name of ['libvirt', 'openstack']) {
    expect(manifest.dependencies[`@cdktf/provider-${name}`]).toBe(`file:terraform-providers/${name}`)
    expect(lock[`node_modules/@cdktf/provider-${name}`]).toMatchObject({ link: true })
  }
})

test('what the README tells a user to run is not a development dependency', () => {
  for (const name of ['cdktf-cli', 'tsx']) expect(lock[`node_modules/${name}`]?.dev).toBeUndefined()
})

test('for every package with an install script it is recorded that it need not run', () => {
  const withScript = Object.entries(lock).filter(([path, one]) => path && one.hasInstallScript)
  const names = withScript.map(([path]) => path.replace(/^.*node_modules\//, '')).sort()
  // fsevents is only for macOS.
  expect(manifest.allowScripts).toEqual(
    Object.fromEntries(names.filter((name) => name !== 'fsevents').map((name) => [name, false])),
  )
})

test("the lock file names no registry: the user's own is used", () => {
  expect(Object.values(lock).filter(({ resolved }) => resolved?.includes('://'))).toEqual([])
})

// With the digest, because corepack finds no signatures at many mirrors.
test('package.json tells pnpm, yarn and corepack to use npm', () => {
  expect(manifest.packageManager).toMatch(/^npm@\d+\.\d+\.\d+\+sha512\.[0-9a-f]{128}$/)
  expect(manifest.scripts.preinstall).toBe('node scripts/only-npm.mjs')
})

test.each([
  ['yarn/4.18.1 npm/? node/v22.23.3 linux x64', 1],
  ['pnpm/10.34.9 npm/? node/v20.20.2 linux x64', 1],
  ['bun/1.3.0 npm/? node/v24.3.0 linux x64', 1],
  ['npm/9.2.0 node/v20.19.2 linux x64 workspaces/false', 0],
  ['', 0],
])('%j as package manager: exit code %i', (agent, code) => {
  const program = join(checkout, 'scripts/only-npm.mjs')
  const env = { npm_config_user_agent: agent }
  const { exitCode, stderr } = execaSync(process.execPath, [program], { env, reject: false })
  expect(exitCode).toBe(code)
  expect(stderr.includes(`hint: cd ${checkout}`)).toBe(code === 1)
})

test("npm's copies of the providers become links; right links are left alone", () => {
  const root = temporaryFolder()
  for (const name of ['libvirt', 'openstack']) mkdirSync(join(root, 'terraform-providers', name), { recursive: true })
  const [copy, gone] = ['libvirt', 'openstack'].map((name) => join(root, 'node_modules/@cdktf', `provider-${name}`))
  mkdirSync(copy!, { recursive: true })
  writeFileSync(join(copy!, 'package.json'), '{}')
  symlinkSync('/nonexistent', gone!)
  linkPackages(root)
  for (const name of ['libvirt', 'openstack']) {
    const link = join(root, 'node_modules/@cdktf', `provider-${name}`)
    expect(realpathSync(link)).toBe(realpathSync(join(root, 'terraform-providers', name)))
  }
  const made = lstatSync(copy!).ino
  linkPackages(root)
  expect(lstatSync(copy!).ino).toBe(made)
})
