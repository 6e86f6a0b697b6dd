/** What a trace, the topology, the report and the lessons must show on a running lab. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Copy } from '../harness/copy.ts'
import { readDocument } from '../harness/documents.ts'
import { expectRun } from '../harness/lab.ts'
import { listLessons, readAbilities, runLesson } from './lessons.ts'
import { missingEvidence, recorderLeftovers, stepIds, trace } from './trace.ts'

/** What the trace of each failing launch must say. */
const drills = {
  'no-valid-host': { after: 'nova-6', because: /No valid host/ },
  quota: { after: 'nova-3', because: /Quota exceeded for cores/ },
  'wrong-image': { after: undefined, because: /not in a supported format|does not match/i },
  'dead-dhcp-agent': { after: 'network-3', because: /port_create_end \(RPC cast\) is still in the queue/ },
}

/** Leaves the lab as it was. */
export function insightTests(copy: () => Copy, nodes: readonly string[]): void {
  test('a traced launch has all textbook steps, each with a line that exists on its node', async () => {
    const { exitCode, trace: shown } = await trace(copy(), '--launch')
    expect(exitCode).toBe(0)
    expect(shown.server.status).toBe('ACTIVE')
    expect(shown.notSeen).toEqual([])
    expect(
      shown.steps
        .map(({ textStep }) => textStep)
        .filter(Boolean)
        .sort(),
    ).toEqual(stepIds.toSorted())
    expect(await missingEvidence(copy(), shown)).toEqual([])
    expect(await recorderLeftovers(copy(), nodes)).toBe('')
    expect((await trace(copy(), shown.server.name)).trace.steps).toEqual(shown.steps)
  })

  test.each(Object.entries(drills))(
    'a launch that fails shows where it stopped: %s',
    async (drill, { after, because }) => {
      const { exitCode, trace: shown } = await trace(copy(), '--drill', drill)
      expect(exitCode).toBe(0)
      expect(shown.stop?.because).toMatch(because)
      if (after) expect(shown.stop?.after).toBe(after)
      expect(await missingEvidence(copy(), shown)).toEqual([])
    },
  )

  test('an instance whose launch was not recorded: what the logs still say', async () => {
    const { trace: shown } = await trace(copy(), 'test')
    const seen = shown.steps.map(({ textStep }) => textStep)
    for (const id of ['nova-2', 'nova-4', 'network-13']) expect(seen).toContain(id)
    expect(shown.notSeen.length).toBeGreaterThan(0)
  })

  test('a recorder that nobody stops is stopped by its node', async () => {
    await expectRun(copy(), 'exec', '--', 'npx', 'tsx', 'test/e2e/short-recorder.ts')
    await expect.poll(() => recorderLeftovers(copy(), nodes), { timeout: 120_000, interval: 2000 }).toBe('')
  })

  test('topology: every hop to the instance is good; a tap that is unplugged is named', async () => {
    await expectRun(copy(), 'topology', '--path', 'test')
    type Shown = {
      machines: { name: string; instances: { name: string; interfaces: { tap: string; bridge: string }[] }[] }[]
    }
    const { machines } = (await readDocument<Shown>(copy(), 'topology')).document
    const node = machines.find(({ instances }) => instances.some(({ name }) => name === 'test'))!
    const { tap, bridge } = node.instances.find(({ name }) => name === 'test')!.interfaces[0]!
    await copy().run('./lab', 'ssh', node.name, `ip link set ${tap} nomaster`)
    const path = await readDocument(copy(), 'topology', '--path', 'test')
    await copy().run('./lab', 'ssh', node.name, `ip link set ${tap} master ${bridge}`)
    expect(path.exitCode).toBe(1)
    expect(path.document['firstBad']).toBe('instance/tap')
    await expectRun(copy(), 'topology', '--path', 'test')
  })

  test('the report that up wrote shows every part', async () => {
    const page = await readFile(join(copy().root, '.lab/report.html'), 'utf8')
    for (const id of ['plan', 'timeline', 'verify', 'topology', 'trace', 'machine'])
      expect(page).toContain(`<section id="${id}"`)
    expect(page).not.toMatch(/Not shown:|Not known:/)
    expect(page).not.toMatch(/(src|href)="https?:/)
  })

  test('every command of the lessons prints what the lesson says', async () => {
    const has = await readAbilities(copy())
    for (const lesson of await listLessons(copy().root)) expect(await runLesson(copy(), lesson, has)).toEqual([])
  })
}
