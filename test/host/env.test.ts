import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../fixtures/folder.ts'

const checkout = join(import.meta.dirname, '../..')
/** As npm gives it to the programs that it starts. */
const nodeOptions = /^node-options=(.*)$/m.exec(readFileSync(join(checkout, '.npmrc'), 'utf8'))![1]!
const said = (text: string) =>
  `console.log(${JSON.stringify(text)}, JSON.stringify(process.argv.slice(2)), process.env.NODE_OPTIONS ?? 'clean')\n`

/** A checkout in which cdktf and our runner only print that they ran. */
function makeCheckout({ installed }: { installed: boolean }): string {
  const root = join(temporaryFolder(), `an "odd" %41#?$HOME' ü`)
  mkdirSync(join(root, 'bin'), { recursive: true })
  mkdirSync(join(root, 'scripts/host'), { recursive: true })
  for (const file of ['env.cjs', 'scripts/run.mjs', 'scripts/loader.mjs', 'scripts/environment.cjs']) {
    cpSync(join(checkout, file), join(root, file))
  }
  for (const name of ['cdktf', 'vitest.cjs']) writeFileSync(join(root, 'bin', name), said(name))
  writeFileSync(
    join(root, 'scripts/host/cdktf.ts'),
    `${said('runner')}process.exitCode = Number(process.env.CODE ?? 0)\n`,
  )
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(root, 'bin/package.json'), '{ "type": "commonjs" }')
  if (installed) symlinkSync(join(checkout, 'node_modules'), join(root, 'node_modules'))
  return root
}

const start = (root: string, program: string, args: string[], env: Record<string, string> = {}, cwd = root) =>
  execa(process.execPath, [join(root, 'bin', program), ...args], {
    cwd,
    reject: false,
    env: { NODE_OPTIONS: nodeOptions, npm_config_local_prefix: root, ...env },
  })

test('cdktf deploy, diff and destroy run through the runner, with their arguments and its exit code', async () => {
  const root = makeCheckout({ installed: true })
  const verbs = ['deploy', 'diff', 'destroy']
  const results = await Promise.all(verbs.map((verb) => start(root, 'cdktf', [verb, '--auto-approve'], { CODE: '3' })))
  expect(results.map(({ stdout }) => stdout)).toEqual(
    verbs.map((verb) => `runner ${JSON.stringify([join(root, 'bin/cdktf'), verb, '--auto-approve'])} clean`),
  )
  expect(results.map(({ exitCode }) => exitCode)).toEqual([3, 3, 3])
})

test.each([
  ['cdktf', ['synth']],
  ['cdktf', ['deploy', '--help']],
  ['cdktf', []],
  ['vitest.cjs', ['deploy']],
])('%s %j is left alone, also before npm ci has installed anything', async (program, args) => {
  const { stdout, stderr } = await start(makeCheckout({ installed: false }), program, args)
  expect(stdout).toBe(`${program} ${JSON.stringify(args)} clean`)
  expect(stderr).toBe('')
})

test('a prepared environment and other folders are left alone', async () => {
  const root = makeCheckout({ installed: false })
  expect((await start(root, 'cdktf', ['deploy'], { DUOSTACK_PREPARED: '1' })).stdout).toMatch(/^cdktf /)
  expect((await start(root, 'cdktf', ['deploy'], {}, join(root, 'bin'))).stdout).toMatch(/^cdktf /)
})

test.each(['deploy', 'synth'])('before cdktf %s, missing bindings are generated', async (verb) => {
  const root = makeCheckout({ installed: false })
  // Our runner needs jiti; cdktf-cli distinguishes an installation from a fresh clone.
  for (const name of ['jiti', 'cdktf-cli']) {
    mkdirSync(join(root, 'node_modules'), { recursive: true })
    symlinkSync(join(checkout, 'node_modules', name), join(root, 'node_modules', name))
  }
  mkdirSync(join(root, 'terraform-providers'))
  const making = (program: string) => writeFileSync(join(root, 'terraform-providers/generate-bindings.mjs'), program)

  making('process.exit(1)')
  const failed = await start(root, 'cdktf', [verb])
  expect([failed.exitCode, failed.stdout]).toEqual([1, ''])
  expect(failed.stderr).toContain(`hint: cd ${root} && rm -rf node_modules && ./lab version`)

  const folder = join(root, 'node_modules/@cdktf/provider-libvirt/gen/provider')
  making(`(await import('node:fs')).mkdirSync(${JSON.stringify(folder)}, { recursive: true })`)
  const healed = await start(root, 'cdktf', [verb])
  expect(healed.stdout).toMatch(verb === 'deploy' ? /^runner / : /^cdktf /)
  expect(healed.stderr).toContain('they are made now')

  making('process.exit(1)')
  expect((await start(root, 'cdktf', [verb])).stderr).toBe('')
})

test('what cdktf itself starts gets no foreign variable, whatever its verb', async () => {
  const root = makeCheckout({ installed: false })
  writeFileSync(join(root, 'bin/cdktf'), 'console.log(process.env.TF_WORKSPACE ?? "none")')
  expect((await start(root, 'cdktf', ['output'], { TF_WORKSPACE: 'corp' })).stdout).toBe('none')
})

test('npm needs no PWD in its environment, which sudo does not give', async () => {
  const root = makeCheckout({ installed: false })
  cpSync(join(checkout, '.npmrc'), join(root, '.npmrc'))
  const options = { cwd: root, env: { PWD: undefined, NODE_OPTIONS: undefined }, reject: false }
  const command = `${JSON.stringify(process.execPath)} -p 1`
  expect(await execa('npm', ['exec', '--offline', '-c', command], options)).toMatchObject({ exitCode: 0, stdout: '1' })
})
