/** The folders of the tests: suites on real labs share only the harness, and files without a test are known. */

import { expect, test } from 'vitest'
import { filesOf, importsOf, readReach } from './untested.ts'

const suites = ['e2e', 'faults', 'hosts']
const suiteOf = (file: string) => suites.find((suite) => file.startsWith(`test/${suite}/`))

test('a suite imports nothing of another suite, and the harness and bench import nothing of any suite', () => {
  const files = filesOf('test/harness', 'bench', ...suites.map((suite) => `test/${suite}`))
  const edges = files.filter((file) => file.endsWith('.ts')).flatMap((file) => importsOf(file).map((to) => [file, to]))
  expect(edges.length).toBeGreaterThan(200)
  expect(edges.filter(([file, to]) => suiteOf(to!) && suiteOf(to!) !== suiteOf(file!))).toEqual([])
})

/** Not reached by any unit test, not even through other files; each with the test that covers it. */
const without: Readonly<Record<string, string>> = {
  'scripts/services/image-schemas.ts': 'run by the build of the node image: ./lab test e2e',
  'scripts/start-nodes.ts': 'what prepare starts for nodes that stand still: ./lab test e2e, stop and start',
  'scripts/vlan-interface.ts': 'what Terraform starts on machines with 802.1Q: ./lab test e2e --hypervisor qemu',
}

test('every file that no unit test reaches is listed with the reason', () => {
  const { files, found } = readReach()
  expect(found.size).toBeGreaterThan(400)
  expect(files.filter((file) => !found.has(file))).toEqual(Object.keys(without))
})
