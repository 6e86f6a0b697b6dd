/** Debug logging and a patch, put on a lab before an `up` and a stop that must keep them, and taken away afterwards. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Copy } from '../harness/copy.ts'
import { readDocument } from '../harness/documents.ts'
import { expectHealthy, expectRefused, expectRun, onNode } from '../harness/lab.ts'

interface Status {
  nodes: { debug?: string[]; patches?: { service: string; name: string; state: string }[] }[]
}

const site = '/usr/lib/python3/dist-packages'
const patched = `${site}/glance/i18n.py`
const sumOf = async (copy: Copy) => (await onNode(copy, 'controller', `sha256sum ${patched}`)).split(' ')[0]

/** A line more at the end of a file of Glance, as `diff -u` writes it. */
async function writePatch(copy: Copy, name: string, path: string): Promise<string> {
  const text = await onNode(copy, 'controller', `cat ${patched}`)
  const lines = text.split('\n')
  const last = lines.slice(-3)
  const from = lines.length - 2
  const file = join(copy.root, name)
  const hunk = [`@@ -${from},3 +${from},4 @@`, ...last.map((line) => ` ${line}`), '+DUOSTACK_E2E = 42']
  await writeFile(file, `--- a/${path}\n+++ b/${path}\n${hunk.join('\n')}\n`)
  return file
}

const expectOn = async (copy: Copy) => {
  await expectHealthy(copy)
  const { nodes } = (await readDocument<Status>(copy, 'status')).document
  expect(nodes.flatMap(({ debug = [] }) => debug)).toEqual(['glance'])
  expect(nodes.flatMap(({ patches = [] }) => patches)).toEqual([
    { service: 'glance', name: 'e2e.patch', state: 'whole' },
  ])
  expect(await onNode(copy, 'controller', 'python3 -c "from glance import i18n; print(i18n.DUOSTACK_E2E)"')).toBe('42')
}

const debugLines = async (copy: Copy) =>
  String((await copy.run('./lab', 'logs', 'glance', '--level', 'DEBUG', '--since', '1m')).stdout).match(/ DEBUG /g) ??
  []

let before: string | undefined

/** Leaves both in place. */
export function reproductionTests(copyOf: () => Copy): void {
  test('debug logging is turned on while the service runs', async () => {
    expect(await expectRun(copyOf(), 'debug', 'glance', 'on')).toMatch(/^controller: re(loaded|started) glance-api$/m)
    await expectRun(copyOf(), 'openstack', 'image', 'list')
    expect((await debugLines(copyOf())).length).toBeGreaterThan(0)
    await expectRefused(copyOf(), 'debug', 'mariadb', 'on')
  })

  test('of a daemon that follows SIGHUP the process stays the same', async () => {
    const pid = () => onNode(copyOf(), 'controller', 'systemctl show -p MainPID --value nova-scheduler')
    const old = await pid()
    for (const state of ['on', 'off']) {
      const said = await expectRun(copyOf(), 'debug', 'nova', state)
      expect(said).toMatch(/^controller: reloaded nova-scheduler$/m)
      expect(said).toMatch(/^compute1: reloaded nova-compute$/m)
    }
    expect(await pid()).toBe(old)
  })

  test('a patch is refused whole, or is in place on every node of its service', async () => {
    const copy = copyOf()
    before = await sumOf(copy)
    const wrong = await writePatch(copy, 'wrong.patch', 'glance/version.py')
    expect(await expectRefused(copy, 'patch', 'glance', wrong)).toMatch(/controller: it does not apply/)
    const outside = await writePatch(copy, 'outside.patch', 'oslo_log/log.py')
    expect(await expectRefused(copy, 'patch', 'glance', outside)).toMatch(/not in glance/)
    expect(await sumOf(copy)).toBe(before)
    await expectRun(copy, 'patch', 'glance', await writePatch(copy, 'e2e.patch', 'glance/i18n.py'))
    expect(await expectRun(copy, 'patch', '--list')).toMatch(/^glance +e2e\.patch +controller +glance\/i18n\.py$/m)
    await expectOn(copy)
  })

  test('the plan names both and would change nothing', async () => {
    const plan = await expectRun(copyOf(), 'plan')
    expect(plan).toMatch(/debug logging: glance \(controller\)\n +patch: glance e2e\.patch \(controller\)/)
    expect(plan).toContain('./lab up would change nothing')
  })

  test('a bug is packed with its patch and without a secret', async () => {
    const archive = join(copyOf().root, 'bug.tar.gz')
    await expectRun(copyOf(), 'repro', 'export', archive)
    const folder = await mkdtemp(join(tmpdir(), 'duostack-repro-'))
    await execa('tar', ['-xzf', archive, '-C', folder, '--strip-components=1'])
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain(
      '`./lab patch glance patches/01-glance-e2e.patch`',
    )
    expect(await readFile(join(folder, 'patches/01-glance-e2e.patch'), 'utf8')).toContain('DUOSTACK_E2E')
    expect(await readFile(join(folder, 'trace.txt'), 'utf8')).not.toMatch(/^There is no trace/)
    const secrets = parse(await readFile(join(copyOf().root, 'ansible-vars/secrets.yml'), 'utf8')) as object
    for (const pattern of [...Object.values(secrets).map((one) => String(one).split('\n')[0]!), 'gAAAAA']) {
      const found = await execa('grep', ['-rlF', '--', pattern, folder], { reject: false })
      expect(found.stdout).toBe('')
    }
    await Promise.all([rm(folder, { recursive: true }), rm(archive)])
  })
}

/** After an `up` and a stop. */
export function reproductionEnds(copyOf: () => Copy): void {
  test('debug logging and the patch are still there, and end where nothing is left of them', async () => {
    const copy = copyOf()
    await expectOn(copy)
    await expectRun(copy, 'patch', '--revert')
    await expectRun(copy, 'debug', 'glance', 'off')
    expect(await sumOf(copy)).toBe(before)
    const left = 'ls -d /etc/glance/*.conf.d /var/lib/duostack/patches 2>/dev/null || true'
    expect(await onNode(copy, 'controller', left)).toBe('')
    expect(await onNode(copy, 'controller', `find ${site}/glance -newer /var/lib/dpkg/status -name '*.part'`)).toBe('')
  })
}
