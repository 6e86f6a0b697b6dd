import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cachedPackages, findLacking, readImagePackages } from '../../scripts/image/cached-packages.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const status = `Package: novnc
Status: install ok installed
Architecture: all
Version: 1:1.3.0-1
Depends: adduser, python3-novnc (= 1:1.3.0-1), python3:any, websockify | other
Suggests: unwanted
Description: a client
 Depends: nothing

Package: python3-novnc
Architecture: all
Version: 1:1.3.0-1

Package: websockify
Architecture: amd64
Version: 0.10+dfsg-4
Pre-Depends: mail-agent

Package: exim4
Architecture: amd64
Version: 4.96
Provides: mail-agent (= 4), other
Depends: websockify

Package: python3
Architecture: amd64
Version: 3.11

Package: unwanted
Architecture: all
Version: 1
`
const image = readImagePackages(status)
const names = (wanted: string[], installed: string[]) =>
  findLacking(wanted, new Set(installed), image).map(({ name }) => name)

describe('what a node lacks', () => {
  test('is the requested packages with their dependencies, by name or by what provides them, and nothing else', () => {
    expect(names(['novnc'], ['adduser', 'python3'])).toEqual(['novnc', 'python3-novnc', 'websockify', 'exim4'])
    expect(names(['novnc'], ['adduser', 'python3', 'python3-novnc', 'websockify', 'exim4'])).toEqual(['novnc'])
    expect(names(['novnc'], ['novnc'])).toEqual([])
  })

  test('has the file names that apt gives in its cache', () => {
    expect(image.map(({ file }) => file).slice(0, 3)).toEqual([
      'novnc_1%3a1.3.0-1_all.deb',
      'python3-novnc_1%3a1.3.0-1_all.deb',
      'websockify_0.10+dfsg-4_amd64.deb',
    ])
  })
})

describe('the cache', () => {
  const installed = new Set(['adduser', 'python3', 'websockify', 'exim4'])
  const withCache = () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'root/var/lib/dpkg'), { recursive: true })
    writeFileSync(join(folder, 'root/var/lib/dpkg/status'), status)
    return { folder, ask: cachedPackages({ paths: { image: folder } }, folder) }
  }

  test('gives the files that are there', () => {
    const { folder, ask } = withCache()
    const novnc = join(folder, 'novnc_1%3a1.3.0-1_all.deb')
    writeFileSync(novnc, '')
    expect(ask('controller', ['novnc'], new Set([...installed, 'python3-novnc']))).toEqual([novnc])
  })

  test('says what is missing, for which node, and what to do', () => {
    const { ask } = withCache()
    expect(() => ask('controller', ['novnc', 'python3', 'mystery'], installed)).toThrow(
      /packages of controller: missing on the node, and not in \S+: mystery, novnc_1%3a1\.3\.0-1_all\.deb, python3-novnc_1%3a1\.3\.0-1_all\.deb\n.*\n.*\.\/lab up --rebuild/,
    )
  })

  test('says so even if the image itself is gone', () => {
    const nothing = cachedPackages({ paths: { image: join(temporaryFolder(), 'gone') } })
    expect(() => nothing('controller', ['novnc'], new Set())).toThrow(/not in \S+: novnc\n/)
  })
})
