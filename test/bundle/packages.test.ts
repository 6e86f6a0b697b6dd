import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { describe, expect, test } from 'vitest'
import { bundledPackages, indexScript } from '../../scripts/bundle/packages.ts'
import { hypervisors } from '../../scripts/declaration/lab.ts'
import { serviceNames } from '../../scripts/declaration/service-profiles.ts'
import { neededPackages } from '../../scripts/host/packages.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

describe('a bundle has the packages', () => {
  const services = Object.fromEntries(serviceNames.map((name) => [name, true]))

  test.each([...hypervisors, 'auto'] as const)('that any lab of this kind may need: %s', (hypervisor) => {
    for (const isolation of ['none', 'netns'] as const) {
      const bundled = bundledPackages({ hypervisor, isolation })
      expect(bundled).toEqual(expect.arrayContaining(neededPackages(hypervisor, isolation)))
      expect(bundled).toEqual(
        expect.arrayContaining(neededPackages(hypervisor, isolation, { services, outbound: { deny: [] } })),
      )
    }
  })

  test('of every kind of node where the declaration leaves it open, but no daemon of the system that it does not ask for', () => {
    const names = bundledPackages({ hypervisor: 'auto', isolation: 'auto' }).map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining(['libvirt-daemon-driver-lxc', 'qemu-system-x86', 'python3-heatclient']),
    )
    expect(names).not.toContain('libvirt-daemon-system')
  })
})

/** A package as apt lays it down: the colon of its version is %3a in the name of the file. */
function makePackage(folder: string, name: string, version: string, depends = ''): void {
  const tree = join(folder, `tree-${name}`)
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true })
  const needs = depends ? `Depends: ${depends}\n` : ''
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\n${needs}Description: a test\n of two lines\n`
  writeFileSync(join(tree, 'DEBIAN/control'), control)
  execaSync('dpkg-deb', [
    '-Zgzip',
    '--build',
    tree,
    join(folder, 'files', `${name}_${version.replace(':', '%3a')}_all.deb`),
  ])
}

/** What the part of the install script that calls apt would do on a machine with nothing installed. */
function wouldInstall(packages: string): string {
  const script = readFileSync('scripts/bundle/install.sh', 'utf8')
  const [, part = ''] = /^as_root "\$offline\/packages" <<'root'\n([\s\S]*?)^root$/m.exec(script) ?? []
  const [status, bin] = [join(packages, '../status'), join(packages, '../bin')]
  writeFileSync(status, '')
  mkdirSync(bin)
  const simulating = `#!/bin/sh
case "$*" in *' update') exec /usr/bin/apt-get "$@" ;; esac
exec /usr/bin/apt-get -s -o "Dir::State::status=${status}" "$@"
`
  writeFileSync(join(bin, 'apt-get'), simulating, { mode: 0o755 })
  const env = { PATH: `${bin}:${process.env['PATH']}` }
  return execaSync('bash', ['-euo', 'pipefail', '-s', '--', packages], { input: part, env, all: true }).all
}

describe.runIf(existsSync('/usr/bin/apt-get'))('the repository of a bundle', () => {
  function repository(): string {
    const folder = join(temporaryFolder(), 'a folder with blanks')
    const packages = join(folder, 'packages')
    mkdirSync(join(packages, 'files'), { recursive: true })
    writeFileSync(join(packages, 'status'), '')
    writeFileSync(join(packages, 'names'), 'needing\n')
    makePackage(packages, 'needing', '2:1.0-1', 'needed (>= 1)')
    makePackage(packages, 'needed', '1.5')
    makePackage(packages, 'unneeded', '1')
    execaSync('bash', ['-s'], { input: `${indexScript(packages)}rm -rf tree-*\n` })
    return packages
  }

  test('names each file with its size and checksum', () => {
    const packages = repository()
    expect(readdirSync(packages).sort()).toEqual([
      'Packages',
      'names',
      'needed_1.5_all.deb',
      'needing_2-1.0-1_all.deb',
      'unneeded_1_all.deb',
    ])
    const index = readFileSync(join(packages, 'Packages'), 'utf8')
    const [sum = ''] = execaSync('sha256sum', [join(packages, 'needing_2-1.0-1_all.deb')]).stdout.split(' ')
    expect(index).toContain(`Filename: ./needing_2-1.0-1_all.deb\n`)
    expect(index).toContain(`SHA256: ${sum}\n`)
    expect(index.match(/^Package: /gm)).toHaveLength(3)
  })

  test.runIf(isRoot)('is what apt installs from, with what the packages need, and nothing else', () => {
    expect(wouldInstall(repository()).match(/^Inst .*/gm)).toEqual([
      'Inst needed (1.5 localhost [all])',
      'Inst needing (2:1.0-1 localhost [all])',
    ])
  })
})
