/** `./lab patch` of a service on more than one node: everywhere or nowhere, named by status and report, gone after a rebuild. */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectVerified } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { readDocument } from '../harness/documents.ts'
import { bringUp, expectRefused, expectRun, hypervisor, nodes, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'

const part = 'patches'
const module = 'nova/exception.py'
const file = `/usr/lib/python3/dist-packages/${module}`
const name = 'both-nodes.patch'

interface Status {
  healthy: boolean
  nodes: { name: string; patches?: { service: string; name: string; state: string }[] }[]
}

const sums = (copy: Copy) =>
  Promise.all(nodes.map(async (node) => (await onNode(copy, node, `sha256sum ${file}`)).split(' ')[0]))
const kept = (copy: Copy) =>
  Promise.all(nodes.map((node) => onNode(copy, node, 'ls /var/lib/duostack/patches 2>/dev/null || true')))

/** One line more at the end of a module that Nova's services import on both nodes. */
async function writePatch(copy: Copy): Promise<string> {
  const lines = (await onNode(copy, 'controller', `cat ${file}`)).split('\n')
  const from = lines.length - 2
  const hunk = [`@@ -${from},3 +${from},4 @@`, ...lines.slice(-3).map((line) => ` ${line}`), '+DUOSTACK_PATCHED = 42']
  const path = join(copy.root, name)
  await writeFile(path, `--- a/${module}\n+++ b/${module}\n${hunk.join('\n')}\n`)
  return path
}

const patchesOf = async (copy: Copy) => {
  let all: Status['nodes'] = []
  // Nova was restarted just now, and status does not wait long for a node of a busy machine.
  const look = async () => {
    const { healthy, nodes } = (await readDocument<Status>(copy, 'status')).document
    all = nodes
    return healthy
  }
  await expect.poll(look, { timeout: 120_000, interval: 2000 }).toBe(true)
  return all.flatMap(({ name: node, patches = [] }) => patches.map((one) => `${node} ${one.name} ${one.state}`))
}

export function patchTests(copy: () => Copy): void {
  let patch = ''
  let before: unknown

  test('where one node refuses it, no node is changed', () =>
    recorded(part, 'a patch that one of two nodes refuses', async () => {
      patch = await writePatch(copy())
      await onNode(copy(), 'compute1', `cp -p ${file} /root/kept.py; echo '# by hand' >>${file}`)
      before = await sums(copy())
      expect(await expectRefused(copy(), 'patch', 'nova', patch)).toMatch(/compute1: it does not apply/)
      expect(await sums(copy())).toEqual(before)
      expect(await kept(copy())).toEqual(['', ''])
      await onNode(copy(), 'compute1', `cp -p /root/kept.py ${file}; rm /root/kept.py`)
      before = await sums(copy())
      return 'refused, naming the node; neither node was changed'
    }))

  test('is in place on both nodes, and status, doctor, plan and report name it with them', () =>
    recorded(part, 'a patch of Nova on controller and compute1', async () => {
      await expectRun(copy(), 'patch', 'nova', patch)
      for (const node of nodes)
        expect(
          await onNode(copy(), node, 'python3 -c "from nova import exception as e; print(e.DUOSTACK_PATCHED)"'),
        ).toBe('42')
      expect(await expectRun(copy(), 'patch', '--list')).toMatch(/^nova +both-nodes\.patch +controller, compute1 /m)
      expect(await patchesOf(copy())).toEqual(nodes.map((node) => `${node} ${name} whole`))
      const line = `patch: nova ${name} (controller, compute1)`
      for (const command of [['status'], ['plan'], ['doctor'], ['up']])
        expect(await expectRun(copy(), ...command), command[0]).toContain(line)
      await expectRun(copy(), 'report', '--kept')
      expect(await readFile(join(copy().root, '.lab/report.html'), 'utf8')).toContain(line)
      await expectVerified(copy())
      return 'imported on both; named by patch --list, status, doctor, plan, up and report; verified'
    }))

  test('--revert puts both files back', () =>
    recorded(part, 'reverted on both nodes', async () => {
      await expectRun(copy(), 'patch', 'nova', '--revert', name)
      expect(await sums(copy())).toEqual(before)
      expect(await kept(copy())).toEqual(['', ''])
      expect(await patchesOf(copy())).toEqual([])
      return 'byte for byte; nothing is kept'
    }))

  test('is gone after up --rebuild, and named no more', () =>
    recorded(part, 'up --rebuild with a patch in place', async () => {
      await expectRun(copy(), 'patch', 'nova', patch)
      expect(await patchesOf(copy())).toHaveLength(2)
      await bringUp(copy(), '--rebuild', '--yes', '--hypervisor', hypervisor)
      expect(await sums(copy())).toEqual(before)
      expect(await patchesOf(copy())).toEqual([])
      expect(await expectRun(copy(), 'status')).not.toContain(name)
      await expectVerified(copy())
      return 'the files are those of the packages; verified'
    }))
}
