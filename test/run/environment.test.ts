/** Which parts of the user's environment reach the programs that we start. */

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execa, execaSync } from 'execa'
import { expect, test } from 'vitest'
import { cloudEnvironment } from '../../scripts/cloud/cloud-environment.ts'
// @ts-expect-error: plain JavaScript, as it comes before there is anything that reads TypeScript
import { foreign, wrongInPath } from '../../scripts/environment.cjs'
import { withoutProxy } from '../../scripts/run/no-proxy.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { hostileEnvironment } from '../fixtures/hostile.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const checkout = resolve(import.meta.dirname, '../..')
const table: { names: string[]; except?: string[]; why: string }[] = foreign

/** What bash receives from a program of ours that was started with `env`. */
async function reaching(env: Record<string, string>): Promise<Record<string, string>> {
  const program = join(temporaryFolder(), 'program.ts')
  writeFileSync(
    program,
    `import { spawnSync } from 'node:child_process'
process.stdout.write(spawnSync('bash', ['-c', 'cat /proc/$$/environ']).stdout)`,
  )
  const { stdout } = await execa(process.execPath, [join(checkout, 'scripts/run.mjs'), program], { env })
  const rows = stdout.split('\0').filter(Boolean)
  return Object.fromEntries(rows.map((row) => [row.slice(0, row.indexOf('=')), row.slice(row.indexOf('=') + 1)]))
}

test('nothing of a hostile environment reaches the programs that ours start', async () => {
  // Node.js obeys its own variables before our program starts: the launcher removes them.
  const { NODE_OPTIONS: _, ...hostile } = hostileEnvironment
  const given = await reaching({ ...hostile, OS_PASSWORD: 'corp', SHELLOPTS: 'xtrace', GOFLAGS: '-mod=vendor' })
  expect(Object.keys(given).filter((name) => name in hostile && name !== 'OS_CLOUD' && !/proxy/i.test(name))).toEqual(
    [],
  )
  expect(given).not.toHaveProperty('OS_PASSWORD')
  expect(given).not.toHaveProperty('SHELLOPTS')
  expect(given).not.toHaveProperty('GOFLAGS')
})

test('proxy settings and general variables stay', async () => {
  const kept = {
    https_proxy: 'http://proxy.example:3128',
    NODE_EXTRA_CA_CERTS: '/dev/null',
    TF_CLI_CONFIG_FILE: '/home/user/.terraformrc',
    TF_TOKEN_mirror_example: 'token',
    GOPROXY: 'http://proxy.example/go',
    SSH_AUTH_SOCK: '/run/agent',
    LANG: 'de_DE.UTF-8',
  }
  expect(await reaching(kept)).toMatchObject(kept)
})

test('a TMPDIR that cannot be used is replaced by /tmp', async () => {
  expect(await reaching({ TMPDIR: '/dev/null/nowhere' })).not.toHaveProperty('TMPDIR')
  expect(await reaching({ TMPDIR: '/var/tmp' })).toHaveProperty('TMPDIR')
})

test('every program of ours starts with run.mjs, and no other file makes an environment of its own', () => {
  const { stdout } = execaSync(
    'git',
    ['grep', '-lE', '\\.\\.\\.process\\.env|import[= ]tsx', '--', 'scripts', 'stacks', '*.json', '*.mjs'],
    {
      cwd: checkout,
    },
  )
  const own = [
    // Before run.mjs can run: these are started by npm.
    'scripts/install.mjs',
    'terraform-providers/generate-bindings.mjs',
    'package-lock.json',
  ]
  expect(stdout.split('\n').filter((file) => !own.includes(file))).toEqual([])
})

test('docs/reference/environment.md has the table', () => {
  const page = readFileSync(join(checkout, 'docs/reference/environment.md'), 'utf8')
  const code = (names: string[]) => names.map((name) => `\`${name}\``).join(', ')
  const rows = table.map(
    ({ names, except, why }) => `| ${code(names)}${except ? `, except ${code(except)}` : ''} | ${why} |`,
  )
  expect(page).toContain(`\n${rows.join('\n')}\n\n`)
})

test.each([
  [undefined, 'duostack'],
  ['demo', 'demo'],
  ['corp', 'duostack'],
])('OS_CLOUD=%s: requests to the lab are sent as %s', (given, cloud) => {
  expect(cloudEnvironment(fixtureLab('lxc'), given)).toMatchObject({ OS_CLOUD: cloud })
})

test("no client uses a proxy for the lab's addresses", () => {
  const { no_proxy: list = '', NO_PROXY } = withoutProxy(fixtureLab('lxc'), { no_proxy: 'example.org,localhost' })
  const own = ['localhost', '127.0.0.1', 'controller', '10.0.0.11', '10.0.0.0/24', '203.0.113.0/24']
  expect(list.split(',')).toEqual(expect.arrayContaining([...own, 'example.org']))
  expect(NO_PROXY).toBe(list)
  expect(withoutProxy(fixtureLab('lxc'), { NO_PROXY: '*' })).toEqual({ no_proxy: '*', NO_PROXY: '*' })
})

test.each([
  ['/home/a user/"lab" %41#?$HOME`id`\'ü:,=;&|<>*[]{}()!~', undefined],
  ['/home/a\\b', '\\'],
  ['/home/a\nb', '\n'],
  [`/home/${'$'}{a}`, '$'.concat('{')],
  ['/home/%{a}', '%{'],
])('a checkout in %j: %s is not allowed there', (path, wrong) => {
  expect(wrongInPath(path)).toBe(wrong)
})

test.each(['back\\slash', '%{lab}'])('in %s the launcher says what is wrong before anything else', async (name) => {
  const root = join(temporaryFolder(), name)
  mkdirSync(join(root, 'scripts'), { recursive: true })
  for (const file of ['lab', 'scripts/environment.cjs']) {
    writeFileSync(join(root, file), readFileSync(join(checkout, file)), { mode: 0o755 })
  }
  symlinkSync(join(checkout, 'scripts/host'), join(root, 'scripts/host'))
  const { exitCode, stderr } = await execa(join(root, 'lab'), ['status'], { reject: false })
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/: the path of this checkout has "(\\\\|%\{)"\n {4}expected: .*\n {4}hint: move the checkout/)
  expect(stderr).not.toMatch(/^\s+at /m)
})
