/** What the launcher says on each system if Node.js or npm is missing or has the wrong version. */

import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { nodeInstall } from '../../scripts/host/node-install.ts'
import { checkHost } from '../../scripts/host/preflight.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fitMachine, wanted } from './facts.ts'

const checkout = resolve(import.meta.dirname, '../..')

/** A PATH with only these programs; `node` prints the given version. */
function check(system: string, { node, npm }: { node?: string; npm?: boolean }) {
  const folder = temporaryFolder()
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync('/bin/sh', join(bin, 'sh'))
  const program = (name: string, text: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  // The real one, but made to see another version before it checks.
  const told = `Object.defineProperty(process.versions,"node",{value:"${node}"});`
  if (node) program('node', `[ "$1" = --version ] && echo v${node} || exec ${process.execPath} -e '${told}'"$2"`)
  if (npm) program('npm', '')
  const [id, version] = system.split(' ')
  writeFileSync(join(folder, 'os-release'), `NAME="Some System"\nID=${id}\nVERSION_ID="${version}"\n`)
  const script = `. "$0"; check_node "$1" "$2"`
  const args = ['-c', script, join(checkout, 'scripts/host/check-node.sh'), checkout, join(folder, 'os-release')]
  const result = execaSync('/bin/sh', args, { env: { PATH: bin }, extendEnv: false, reject: false })
  return { ...result, bin }
}

const nodeSource =
  /^ {4}hint: sudo apt-get install -y curl && curl -fsSL https:\/\/deb\.nodesource\.com\/setup_22\.x -o \S+ && sudo -E bash \S+ && sudo apt-get install -y nodejs$/m

test.each([
  ['debian 12', nodeSource],
  ['debian 13', /^ {4}hint: sudo apt-get install -y nodejs npm$/m],
  ['ubuntu 22.04', nodeSource],
  ['ubuntu 24.04', nodeSource],
  ['fedora 43', /^ {4}hint: install Node\.js 22 from https:\/\/nodejs\.org/m],
])('%s gets its own instructions for Node.js', (system, remedy) => {
  const { exitCode, stderr } = check(system, {})
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^lab: found no Node\.js\n/)
  expect(stderr).toMatch(remedy)
})

test('without an os-release the general instructions are shown', () => {
  const args = ['-c', '. "$0"; check_node "$1" /nonexistent', 'scripts/host/check-node.sh', checkout]
  const { stderr } = execaSync('/bin/sh', args, {
    env: { PATH: '/nonexistent' },
    extendEnv: false,
    cwd: checkout,
    reject: false,
  })
  expect(stderr).toContain('hint: install Node.js 22')
})

test.each([
  ['20.19.0', true],
  ['20.18.3', false],
  ['22.4.0', true],
  ['23.1.0', false],
  ['18.20.4', false],
])('Node.js %s: fit %s, as the preflight judges', (node, fit) => {
  const { exitCode, stderr, bin } = check('ubuntu 24.04', { node, npm: true })
  expect(exitCode === 0).toBe(fit)
  expect(stderr.includes(`lab: found Node.js v${node} (${bin}/node)\n`)).toBe(!fit)
  expect(checkHost({ ...fitMachine, nodeVersion: node }, wanted).length === 0).toBe(fit)
})

test("Debian's nodejs without npm is reported", () => {
  const { exitCode, stderr } = check('debian 13', { node: '20.19.2' })
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/found Node\.js v20\.19\.2 \(.*\/node\) without npm\n/)
  expect(stderr).toContain('hint: sudo apt-get install -y nodejs npm')
})

test("the preflight's remedy is the launcher's", () => {
  const rows = readFileSync(join(checkout, 'scripts/host/node-install.txt'), 'utf8').trimEnd().split('\n')
  for (const row of rows) {
    const [id = '', version = '', ...words] = row.split(' ')
    expect(nodeInstall({ id, version })).toBe(words.join(' '))
    expect(check(`${id} ${version}`, {}).stderr).toContain(`    hint: ${words.join(' ')}`)
  }
  const system = { ...fitMachine.system, id: 'ubuntu', version: '24.04' }
  const [finding] = checkHost({ ...fitMachine, system, nodeVersion: '18.19.1' }, wanted)
  expect(finding?.remedy).toBe(nodeInstall(system))
})
