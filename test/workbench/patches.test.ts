import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { describeOnNodes, onNodeScript, parseOnNode } from '../../scripts/workbench/on-nodes.ts'
import { patchProgram } from '../../scripts/workbench/patches.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const original = 'import os\n\n\ndef answer():\n    return 1\n'

/** A node's folders, and its half of `./lab patch`. */
function node(files: Readonly<Record<string, string>> = { 'nova/api.py': original, 'nova/gone.py': 'gone = 1\n' }) {
  const root = temporaryFolder()
  const places = { site: join(root, 'site'), kept: join(root, 'kept'), lock: join(root, 'lock') }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(places.site, path)), { recursive: true })
    writeFileSync(join(places.site, path), text)
  }
  const ask = (request: object) => {
    const program = patchProgram({ service: 'nova', ...places, ...request })
    return JSON.parse(execaSync('python3', ['-'], { input: program }).stdout)
  }
  const read = (path: string) => readFileSync(join(places.site, path), 'utf8')
  return { ...places, root, ask, read }
}

const change = (from: string, to: string) => `--- a/nova/api.py
+++ b/nova/api.py
@@ -3,3 +3,3 @@
 
 def answer():
-    return ${from}
+    return ${to}
`
const first = { name: 'first.patch', patch: change('1', '2'), files: ['nova/api.py'] }
const second = { name: 'second.patch', patch: change('2', '3'), files: ['nova/api.py'] }

const codeOf = (site: string) => readdirSync(join(site, 'nova/__pycache__')).filter((name) => name.startsWith('api.'))

test('a patch is applied with its byte code, and put back byte for byte', () => {
  const { ask, read, site, kept } = node()
  chmodSync(join(site, 'nova/api.py'), 0o640)
  expect(ask({ action: 'check', ...first })).toEqual({ same: false })
  expect(read('nova/api.py')).toBe(original)
  expect(ask({ action: 'apply', ...first })).toEqual({ same: false })
  expect(read('nova/api.py')).toContain('return 2')
  expect(codeOf(site)).toHaveLength(1)
  const run = execaSync('python3', ['-B', '-c', 'import nova.api; print(nova.api.answer())'], { cwd: site })
  expect(run.stdout).toBe('2')
  expect(ask({ action: 'apply', ...first })).toEqual({ same: true })
  expect(ask({ action: 'list' }).patches).toMatchObject([
    { service: 'nova', name: 'first.patch', files: ['nova/api.py'] },
  ])
  expect(ask({ action: 'revert', name: 'first.patch' })).toEqual({ there: true, left: [] })
  expect(read('nova/api.py')).toBe(original)
  expect(execaSync('stat', ['-c', '%a', join(site, 'nova/api.py')]).stdout).toBe('640')
  expect(existsSync(kept)).toBe(false)
  expect(ask({ action: 'revert', name: 'first.patch' })).toEqual({ there: false, left: [] })
})

test('new files and folders come and go; removed ones return', () => {
  const { ask, site, read } = node()
  const patch = `--- /dev/null
+++ b/nova/more/new.py
@@ -0,0 +1 @@
+new = 1
--- a/nova/gone.py
+++ /dev/null
@@ -1 +0,0 @@
-gone = 1
`
  ask({ action: 'apply', name: 'a.patch', patch, files: ['nova/more/new.py', 'nova/gone.py'] })
  expect(read('nova/more/new.py')).toBe('new = 1\n')
  expect(existsSync(join(site, 'nova/gone.py'))).toBe(false)
  ask({ action: 'revert', name: 'a.patch' })
  expect(existsSync(join(site, 'nova/more'))).toBe(false)
  expect(read('nova/gone.py')).toBe('gone = 1\n')
})

test('what does not apply, or does not compile afterwards, is refused whole', () => {
  const { ask, read, kept, site } = node()
  const both = `${change('1', '2')}--- a/nova/gone.py\n+++ b/nova/gone.py\n@@ -1 +1 @@\n-other = 1\n+x = 1\n`
  const files = ['nova/api.py', 'nova/gone.py']
  expect(ask({ action: 'apply', name: 'a.patch', patch: both, files }).refused).toMatch(
    /does not apply: [\s\S]*gone\.py/,
  )
  expect(ask({ action: 'apply', ...first, patch: change('1', '(') }).refused).toMatch(/api\.py does not compile/)
  expect(read('nova/api.py')).toBe(original)
  expect(existsSync(kept)).toBe(false)
  expect(readdirSync(join(site, 'nova'))).toEqual(['api.py', 'gone.py'])
})

test('links that lead out of the package are refused', () => {
  const { ask, site, root } = node()
  mkdirSync(join(root, 'elsewhere'))
  writeFileSync(join(root, 'elsewhere/api.py'), original)
  symlinkSync(join(root, 'elsewhere'), join(site, 'nova/linked'))
  symlinkSync(join(root, 'elsewhere/api.py'), join(site, 'nova/link.py'))
  const at = (path: string) => ({
    name: 'a.patch',
    patch: change('1', '2').replaceAll('nova/api.py', path),
    files: [path],
  })
  expect(ask({ action: 'apply', ...at('nova/linked/api.py') }).refused).toMatch(/out of/)
  expect(ask({ action: 'apply', ...at('nova/link.py') }).refused).toMatch(/is a link/)
  expect(readFileSync(join(root, 'elsewhere/api.py'), 'utf8')).toBe(original)
})

test('a patch below a later one of the same file stays until that one is reverted', () => {
  const { ask, read } = node()
  ask({ action: 'apply', ...first })
  ask({ action: 'apply', ...second })
  expect(ask({ action: 'check-revert', name: 'first.patch' }).refused).toMatch(/second\.patch changes the same file/)
  ask({ action: 'revert', name: 'second.patch' })
  expect(read('nova/api.py')).toContain('return 2')
  ask({ action: 'revert', name: 'first.patch' })
  expect(read('nova/api.py')).toBe(original)
})

test('a file that somebody has changed since is left and named', () => {
  const { ask, read, site } = node()
  ask({ action: 'apply', ...first })
  writeFileSync(join(site, 'nova/api.py'), 'upgraded = 1\n')
  expect(ask({ action: 'revert', name: 'first.patch' })).toEqual({ there: true, left: ['nova/api.py'] })
  expect(read('nova/api.py')).toBe('upgraded = 1\n')
})

test('a run that was cut off is named, refuses others and can be reverted', () => {
  const { ask, read, site, kept } = node()
  ask({ action: 'apply', ...first })
  execaSync('rm', [join(kept, 'nova/001-first.patch/done')])
  writeFileSync(join(site, 'nova/api.py'), 'half')
  expect(ask({ action: 'check', ...second }).refused).toMatch(/first\.patch was cut off/)
  ask({ action: 'revert', name: 'first.patch' })
  expect(read('nova/api.py')).toBe(original)
})

test('another patch of the same name is refused', () => {
  const { ask } = node()
  ask({ action: 'apply', ...first })
  expect(ask({ action: 'apply', ...second, name: 'first.patch' }).refused).toMatch(/another patch of this name/)
})

/** What `./lab status` reads of this node. */
function look(root: string, kept: string) {
  const script = onNodeScript.replaceAll('/var/lib/duostack/patches', kept).replaceAll('/etc/*', `${root}/etc/*`)
  return parseOnNode(execaSync('bash', ['-s'], { input: script }).stdout)
}

test('status sees patches, the state of each, and debug logging', () => {
  const { ask, site, kept, root } = node()
  expect(look(root, kept)).toEqual({ debug: [], patches: [] })
  ask({ action: 'apply', ...first })
  ask({ action: 'apply', ...second })
  const states = () => look(root, kept).patches.map(({ name, state }) => `${name} ${state}`)
  expect(states()).toEqual(['first.patch whole', 'second.patch whole'])
  writeFileSync(join(site, 'nova/api.py'), 'upgraded = 1\n')
  expect(states()).toEqual(['first.patch whole', 'second.patch replaced'])
  mkdirSync(join(root, 'etc/nova/nova.conf.d'), { recursive: true })
  writeFileSync(join(root, 'etc/nova/nova.conf.d/duostack-debug.conf'), '')
  expect(look(root, kept).debug).toEqual(['nova'])
})

test('what is on several nodes is one line', () => {
  const patches = [{ service: 'nova', name: 'a.patch', state: 'whole' as const }]
  const nodes = [{ name: 'controller', debug: ['nova'], patches }, { name: 'compute1', patches }, { name: 'compute2' }]
  expect(describeOnNodes(nodes)).toEqual([
    'debug logging: nova (controller)',
    'patch: nova a.patch (controller, compute1)',
  ])
})
