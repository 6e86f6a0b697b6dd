/**
 * Packages. apt, dpkg, D-Bus and systemd are the small stand-ins below, found first in PATH; e2e uses the real ones.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { applyService } from '../../scripts/engine/apply.ts'
import type { PackageFiles } from '../../scripts/engine/offer.ts'
import { ensurePackages } from '../../scripts/engine/packages.ts'
import type { Service } from '../../scripts/engine/service.ts'
import { sshHost } from '../../scripts/run/ssh.ts'
import { fixtureSecrets } from '../fixtures/lab.ts'
import { type Sshd, startSshd } from './sshd.ts'

let sshd: Sshd
let state: string
beforeAll(async () => {
  sshd = await startSshd()
  state = join(sshd.folder, 'state')
  sshd.program('dpkg-query', `#!/bin/sh\nsed 's/$/ installed/' ${state}/packages\n`)
  sshd.program('dpkg', dpkg)
  sshd.program('apt-get', aptGet)
  for (const name of ['systemctl', 'busctl']) sshd.program(name, `#!/bin/sh\necho "${name} $*" >>${state}/calls\n`)
})
afterAll(() => sshd.stop())
beforeEach(() => {
  rmSync(state, { recursive: true, force: true })
  mkdirSync(state)
  writeFileSync(join(state, 'packages'), 'glance\n')
})

/** novnc has a template unit, which cannot be enabled under its own name. */
const dpkg = `#!/bin/bash
state=\${0%/bin/*}/state
[[ $1 == -L ]] || { echo "dpkg $*" >>$state/calls; exit; }
[[ $2 != novnc ]] || printf '%s\\n' /lib/systemd/system/novnc.service /lib/systemd/system/novnc@.service /usr/bin/novnc`

/** Knows no package before it has read the lists, or is given its file. */
const aptGet = `#!/bin/bash
state=\${0%/bin/*}/state
echo "apt-get $*" >>$state/calls
[[ "$*" != *update ]] || { touch $state/lists; exit 0; }
cat $state/../policy-rc.d >$state/policy
words="$*" words=\${words#* install }
for word in $words; do
  name=\${word##*/} name=\${name%%_*}
  [[ $word != -o && $word != Dir::* ]] || continue
  [[ $word != *.deb ]] || { cp $word $state; continue; }
  grep -qx $name $state/packages || [[ -e $state/lists ]] || ls $words 2>/dev/null | grep -q /\${name}_ ||
    { echo "E: Unable to locate package $name" >&2; exit 100; }
  echo $name >>$state/packages
done`

const ownPolicy = '#!/bin/sh\n# Written by duostack, for as long as it installs packages.\nexit 101\n'
const read = (name: string) => readFileSync(join(state, name), 'utf8')
const calls = () => (existsSync(join(state, 'calls')) ? read('calls').trim().split('\n') : [])
const install =
  'apt-get -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold --no-install-recommends install'

/** The operation on a node whose system bus is at `socket`. */
const withBusAt = (socket: string) =>
  ensurePackages(['novnc'], { repository: true }).map((operation) => ({
    ...operation,
    apply: operation.apply.replaceAll('/run/dbus/system_bus_socket', socket),
  }))

test('installed packages are left alone', async () => {
  expect(await sshd.run(ensurePackages(['glance']))).toEqual([])
  expect(ensurePackages([])).toEqual([])
  expect(calls()).toEqual([])
})

test('missing packages are installed from the repository, without recommends, under a lock timeout', async () => {
  expect(await sshd.run(ensurePackages(['glance', 'python3-pymysql'], { repository: true }))).toEqual([
    'packages glance python3-pymysql: not installed: python3-pymysql',
  ])
  expect(calls()).toContain('apt-get -o DPkg::Lock::Timeout=600 update')
  expect(calls().at(-1)).toBe(`${install} glance python3-pymysql`)
})

test('daemons that are installed along are not started, and not enabled unless the preset says so', async () => {
  await sshd.run(ensurePackages(['novnc'], { repository: true }))
  expect(read('policy')).toBe(ownPolicy)
  expect(existsSync(sshd.places.policy)).toBe(false)
  expect(calls().at(-1)).toBe('systemctl preset --quiet -- novnc.service')
})

test('the policy left by a killed run is removed by the next installation', async () => {
  writeFileSync(sshd.places.policy, ownPolicy)
  await sshd.run(ensurePackages(['novnc'], { repository: true }))
  expect(existsSync(sshd.places.policy)).toBe(false)
})

test('packages that another run installed meanwhile keep their units as they are', async () => {
  const [operation] = ensurePackages(['other'], { repository: true })
  // Between this run's check and its turn.
  const apply = `echo novnc >>${state}/packages\n${operation!.apply}`
  await sshd.run([{ ...operation!, apply }])
  expect(read('packages')).toBe('glance\nnovnc\nother\n')
  expect(calls().filter((call) => call.startsWith('systemctl'))).toEqual([])
})

test("a policy that is not the engine's stays", async () => {
  writeFileSync(sshd.places.policy, '#!/bin/sh\nexit 104\n')
  await sshd.run(ensurePackages(['novnc'], { repository: true }))
  expect(readFileSync(sshd.places.policy, 'utf8')).toBe('#!/bin/sh\nexit 104\n')
  rmSync(sshd.places.policy)
})

test('D-Bus reloads its policies after an installation, if there is a bus', async () => {
  const socket = join(state, 'bus')
  await sshd.run(withBusAt(socket))
  expect(calls().filter((call) => call.startsWith('busctl'))).toEqual([])
  writeFileSync(join(state, 'packages'), 'glance\n')
  const bus = createServer().listen(socket)
  await new Promise((resolve) => bus.once('listening', resolve))
  await sshd.run(withBusAt(socket)).finally(() => bus.close())
  expect(calls().at(-1)).toMatch(/^busctl .*org\.freedesktop\.DBus ReloadConfig$/)
})

test('a dry run installs nothing', async () => {
  expect(await sshd.run(ensurePackages(['novnc']), { dry: true })).toEqual(['packages novnc: not installed: novnc'])
  expect(calls()).toEqual([])
})

describe('a node without a repository', () => {
  const nova: Service = {
    ...{ name: 'nova', needs: [], ready: [] },
    parts: [{ on: 'controller', packages: ['glance', 'novnc'], files: [], units: [] }],
  }
  const apply = (packageFiles?: PackageFiles) =>
    applyService(nova, {
      ...{ lab: sshd.lab, secrets: fixtureSecrets, places: sshd.places, hostFor: (node) => sshHost(sshd.lab, node) },
      ...(packageFiles ? { packageFiles } : {}),
    })
  const offered = () =>
    readdirSync(sshd.places.run).filter((name) => name.startsWith('packages.') && !name.endsWith('.lock'))

  test('receives what is missing, installs it, and keeps no copy', async () => {
    const file = join(sshd.folder, 'novnc_1%3a1.3_all.deb')
    writeFileSync(file, Buffer.from([0, 255, 10, 13]))
    const asked: unknown[] = []
    const changes = await apply((...question) => {
      asked.push(question)
      return [file]
    })
    expect(changes).toMatchObject([{ title: 'packages glance novnc', reason: 'not installed: novnc' }])
    expect(asked).toEqual([['controller', ['glance', 'novnc'], new Set(['glance'])]])
    expect(readFileSync(join(state, 'novnc_1%3a1.3_all.deb'))).toEqual(readFileSync(file))
    expect(offered()).toEqual([])
    expect(calls().filter((call) => call.endsWith('update'))).toEqual([])
    const trips = calls().length
    expect(await apply()).toEqual([])
    expect(calls()).toHaveLength(trips)
  })

  test('keeps no copy if the installation fails', async () => {
    const file = join(sshd.folder, 'other_1_all.deb')
    writeFileSync(file, '')
    await expect(apply(() => [file])).rejects.toThrow(/Unable to locate package novnc/)
    expect(offered()).toEqual([])
  })

  test("fails with apt's message if nobody offers packages", async () => {
    await expect(apply()).rejects.toThrow(/packages glance novnc: exit code 45[\s\S]*Unable to locate package novnc/)
  })
})
