import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../fixtures/folder.ts'

test('the packages are refused on another system, before anything is touched', () => {
  const root = join(temporaryFolder(), 'duostack')
  const offline = join(root, 'offline')
  mkdirSync(join(root, 'scripts/host'), { recursive: true })
  mkdirSync(offline)
  for (const name of ['check-node.sh', 'node-install.txt'])
    cpSync(`scripts/host/${name}`, join(root, 'scripts/host', name))
  cpSync('scripts/bundle/install.sh', join(offline, 'install'))
  writeFileSync(join(offline, 'about'), "system='debian 99'\nimage=none\n")
  const { exitCode, all } = execaSync(join(offline, 'install'), { reject: false, all: true })
  expect(exitCode).toBe(1)
  expect(all).toMatch(/^install: this machine has .*\n {4}needed: debian 99, /)
  expect(existsSync(join(offline, 'work'))).toBe(false)
})
