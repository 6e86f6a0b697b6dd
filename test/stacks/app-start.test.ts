/** main.ts before the stacks are loaded: was the machine prepared, and are the bindings there? */

import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { ensureBindings } from '../../scripts/terraform/bindings.ts'
import { expectPrepared, readLabVerb } from '../../scripts/terraform/unprepared.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const checkout = resolve(import.meta.dirname, '../..')

test.each([
  [['node', '/x/node_modules/.bin/cdktf', 'deploy', '--auto-approve'], 'deploy'],
  [['node', '/x/cdktf-cli/bundle/bin/cdktf.js', 'destroy'], 'destroy'],
  [['cdktf', 'diff', 'nodes'], 'diff'],
  [['node', '/x/node_modules/.bin/cdktf', 'synth'], undefined],
  [['npm exec cdktf deploy'], undefined],
  [['vim', 'notes', 'cdktf', 'deploy'], undefined],
])('%j is cdktf %s', (argv, verb) => {
  expect(readLabVerb(argv)).toBe(verb)
})

test('a deploy without env.cjs is refused with the command to use; a prepared one and a synth are not', () => {
  const deploy = [['sh', '-c', 'node scripts/run.mjs main.ts'], ['node', 'bin/cdktf', 'deploy'], ['bash']]
  expect(() => expectPrepared({}, deploy)).toThrow(
    /^cdktf deploy: started without env\.cjs.*\n.*\n {4}hint: env -u npm_config_node_options .* npx cdktf deploy$/,
  )
  expect(() => expectPrepared({ DUOSTACK_PREPARED: '1' }, deploy)).not.toThrow()
  expect(() => expectPrepared({}, [['node', 'bin/cdktf', 'synth'], ['bash']])).not.toThrow()
})

test('the callers are found among the running programs', async () => {
  const root = temporaryFolder()
  const program = `import { expectPrepared } from ${JSON.stringify(join(checkout, 'scripts/terraform/unprepared.ts'))}
try { expectPrepared() } catch (error) { console.log(error.message) }`
  writeFileSync(join(root, 'app.ts'), program)
  const app = `"${process.execPath}" "${join(checkout, 'scripts/run.mjs')}" "${join(root, 'app.ts')}"`
  writeFileSync(join(root, 'cdktf'), `#!/bin/sh\n${app}\nexit 0\n`, { mode: 0o755 })
  const env = { DUOSTACK_PREPARED: undefined }
  expect((await execa('sh', [join(root, 'cdktf'), 'deploy'], { env })).stdout).toMatch(/^cdktf deploy: started without/)
  expect((await execa('sh', [join(root, 'cdktf'), 'synth'], { env })).stdout).toBe('')
})

/** A checkout in which `program` creates the bindings. */
function makeCheckout(program: string): string {
  const root = temporaryFolder()
  mkdirSync(join(root, 'terraform-providers'))
  cpSync(join(checkout, 'package.json'), join(root, 'package.json'))
  writeFileSync(join(root, 'terraform-providers/generate-bindings.mjs'), program)
  return root
}

const making = `import { mkdirSync, writeFileSync, existsSync } from 'node:fs'
if (existsSync('made')) throw new Error('made twice')
for (const name of ['libvirt', 'openstack']) {
  const folder = \`node_modules/@cdktf/provider-\${name}/gen/provider\`
  mkdirSync(folder, { recursive: true })
  writeFileSync(\`\${folder}/index.ts\`, '')
}
writeFileSync('made', '')`

test('missing bindings are generated, once', () => {
  const root = makeCheckout(making)
  ensureBindings(root)
  ensureBindings(root)
  expect(existsSync(join(root, 'made'))).toBe(true)
})

test('bindings that cannot be generated give one error with the command to paste', () => {
  const root = makeCheckout("throw new Error('cdktf get: exit code 1')")
  expect(() => ensureBindings(root)).toThrow(
    `node_modules/@cdktf/provider-libvirt: the provider bindings are missing and cannot be generated: Error: cdktf get: exit code 1
    expected: the node modules of package-lock.json, installed by npm
    hint: cd ${root} && rm -rf node_modules && ./lab version`,
  )
})
