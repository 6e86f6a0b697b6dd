/** The launcher in a folder without node modules, with a stand-in for npm that records its calls. */

import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'

const checkout = resolve(import.meta.dirname, '../..')
let folder: string

const npm = `#!/bin/sh
[ "$1" != --version ] || { echo 9.2.0; exit; }
echo "$*" >>calls
# sh itself drops variables with names that it cannot have.
cat /proc/$$/environ >environment
sleep 0.3
[ ! -e fails ] || { rm fails; exit 7; }
rm -rf node_modules
mkdir -p node_modules/.bin node_modules/@cdktf
touch node_modules/.package-lock.json
for name in libvirt openstack; do mkdir node_modules/@cdktf/provider-$name; done
ln -s ${checkout}/node_modules/jiti node_modules/jiti
`
/** In place of our own programs, which take a quarter of a minute. */
const bindings = `
import { mkdirSync, writeFileSync } from 'node:fs'
for (const name of ['libvirt', 'openstack']) mkdirSync(\`node_modules/@cdktf/provider-\${name}/gen/provider\`, { recursive: true })
writeFileSync('bindings-made', '')
`
const copied = [
  'lab',
  'scripts/environment.cjs',
  'scripts/install.mjs',
  'scripts/loader.mjs',
  'scripts/npm-environment.mjs',
  'scripts/run.mjs',
  'scripts/host/check-node.sh',
  'scripts/host/node-install.txt',
]

async function write(file: string, content: string): Promise<string> {
  const path = join(folder, file)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return path
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), `duostack "launcher" %41#?$HOME'ü-`))
  for (const file of copied) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await copyFile(join(checkout, file), join(folder, file))
  }
  await chmod(await write('bin/npm', npm), 0o755)
  // Older than what is installed.
  await utimes(await write('package-lock.json', '{}'), 0, 0)
  await write('terraform-providers/generate-bindings.mjs', bindings)
  await write('scripts/translate.mjs', '')
  await write('scripts/lab/main.ts', 'console.log(process.argv.slice(2).join())')
})

afterEach(() => rm(folder, { recursive: true }))

const callWith = (env: Record<string, string>, ...args: string[]) =>
  execa('./lab', args, {
    cwd: folder,
    reject: false,
    env: { PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter), ...env },
  })
const call = (...args: string[]) => callWith({}, ...args)

const npmCalls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n')

/** What npm was started with. */
async function npmEnvironment(): Promise<Record<string, string>> {
  const rows = (await readFile(join(folder, 'environment'), 'utf8')).split('\0').filter(Boolean)
  return Object.fromEntries(rows.map((row) => [row.slice(0, row.indexOf('=')), row.slice(row.indexOf('=') + 1)]))
}

test('first calls side by side install the node modules once, and all of them go on', async () => {
  const results = await Promise.all([call('one'), call('two'), call('three')])
  expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual([
    [0, 'one'],
    [0, 'two'],
    [0, 'three'],
  ])
  expect(await npmCalls()).toHaveLength(1)
})

test('an installation that fails ends the call and names npm and Node.js; the next one tries again', async () => {
  await writeFile(join(folder, 'fails'), '')
  const failed = await call('status')
  expect(failed.exitCode).toBe(7)
  expect(failed.stderr).toContain(`npm 9.2.0 at ${folder}/bin/npm`)
  expect(failed.stderr).toContain(`Node.js ${process.version}`)
  expect(await call('status')).toMatchObject({ exitCode: 0, stdout: 'status' })
  expect(await npmCalls()).toHaveLength(2)
})

test("the bindings are made by us, whatever the user's npm thinks of scripts", async () => {
  expect((await call('status')).exitCode).toBe(0)
  expect(await npmCalls()).toEqual([expect.stringMatching(/^ci .*--global=false .*--ignore-scripts/)])
  await stat(join(folder, 'bindings-made'))
})

test('settings of npm in the environment decide nothing', async () => {
  const foreign = {
    npm_config_install_links: 'true',
    npm_config_dry_run: 'true',
    NPM_CONFIG_OMIT: 'dev',
    'npm_config_node-options': '--no-warnings',
    npm_config_global: 'true',
    npm_package_json: '/elsewhere/package.json',
    NODE_ENV: 'production',
    INIT_CWD: '/elsewhere',
  }
  await callWith(foreign, 'status')
  expect(Object.keys(await npmEnvironment()).filter((name) => name in foreign)).toEqual([])
})

test('what Node.js itself would obey is taken away before it starts', async () => {
  await call('status')
  const { exitCode, stderr } = await callWith({ NODE_OPTIONS: '--require=/nonexistent/debugger.js' }, 'status')
  expect([exitCode, stderr]).toEqual([0, ''])
})

test('with ignore-scripts and NODE_ENV=production one installation is enough', async () => {
  const hostile = { npm_config_ignore_scripts: 'true', NODE_ENV: 'production' }
  for (const _ of [1, 2]) expect(await callWith(hostile, 'status')).toMatchObject({ exitCode: 0, stdout: 'status' })
  expect(await npmCalls()).toHaveLength(1)
})

test('the way to the registry is the one of the user', async () => {
  const way = {
    npm_config_registry: 'http://registry.example/',
    'npm_config_@scope:registry': 'http://scope.example/',
    'npm_config_//registry.example/:_authToken': 'a token\nof two lines',
    npm_config__auth: 'dTpw',
    NPM_CONFIG_HTTPS_PROXY: 'http://proxy.example:3128',
    npm_config_cafile: '/ca.pem',
    npm_config_cache: '/cache',
    npm_config_userconfig: '/home/user/.npmrc',
    npm_config_strict_ssl: 'false',
    https_proxy: 'http://proxy.example:3128',
    NPM_TOKEN: 'secret',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
  }
  await callWith(way, 'status')
  expect(await npmEnvironment()).toMatchObject(way)
})

test('what another package manager left there is replaced', async () => {
  await call('status')
  await writeFile(join(folder, 'node_modules/.modules.yaml'), '')
  expect((await call('status')).stdout).toBe('status')
  expect(await npmCalls()).toHaveLength(2)
  await call('status')
  expect(await npmCalls()).toHaveLength(2)
})

test('an installation without bindings is no installation', async () => {
  await call('status')
  await rm(join(folder, 'node_modules/@cdktf/provider-openstack/gen'), { recursive: true })
  await call('status')
  expect(await npmCalls()).toHaveLength(2)
})
