/** How a program gets root rights: by being root, by capabilities kept into the lab's namespace, or by sudo. */

import { expect, test } from 'vitest'
import { carriedCapabilities, isRoot } from '../../scripts/run/process.ts'
import { runAsNobody } from '../fixtures/nobody.ts'

/** The output of `look` in a program of an ordinary user with these capabilities. */
async function asUser(held: readonly string[], look: string): Promise<string> {
  const capabilities = held.map((name) => `+${name}`).join(',')
  const rights = held.length > 0 ? [`--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`] : []
  return runAsNobody(
    `const { rootPrefix, rootPrefixInShell, runOnHost } = await import('./scripts/run/process.ts')\n${look}`,
    { rights },
  )
}

const tell = `
const { stdout } = await runOnHost('bash', ['-c', 'id -u; echo $FOREIGN-$HOME; grep CapAmb /proc/self/status'], { step: 'look', root: true })
console.log(stdout)`

test.runIf(isRoot)(
  "a program in a lab's namespace becomes root without sudo, with nothing of the user's environment",
  async () => {
    expect(await asUser(carriedCapabilities, tell)).toMatch(/^0\n-\/root\nCapAmb:\s0+$/)
  },
)

test.runIf(isRoot)('it can stop what it started as root', async () => {
  const look = `
const start = performance.now()
await runOnHost('sleep', ['60'], { step: 'sleep', root: true, timeoutSeconds: 1 }).catch(({ failure }) => console.log(failure.exitCode))
console.log(performance.now() - start < 30_000)`
  expect(await asUser(carriedCapabilities, look)).toBe('124\ntrue')
})

test.runIf(isRoot)("sudo passes the user's proxy settings to apt", async () => {
  const look =
    "process.env.https_proxy = 'http://proxy:3128'; process.env.NO_PROXY = 'a'; console.log(rootPrefix().join(' '))"
  expect(await asUser([], look)).toBe('sudo --preserve-env=https_proxy,NO_PROXY --')
})

test.runIf(isRoot)(
  'without these capabilities sudo is used, and asks only if the user has been told to wait',
  async () => {
    const look = `console.log(rootPrefix().join(' ')); console.log(rootPrefixInShell())`
    expect(await asUser([], look)).toBe('sudo --\nsudo -n -- ')
  },
)

test.runIf(isRoot)('another program, to which the terminal is handed over, has none of these rights', async () => {
  const look = `
const { handOver } = await import('./scripts/run/hand-over.ts')
process.exitCode = await handOver('sh', ['-c', 'grep -E "Cap(Eff|Amb|Prm)" /proc/self/status; exit 7'], {})
console.log(process.exitCode); process.exitCode = 0`
  expect((await asUser(carriedCapabilities, look)).split(/\s+/)).toEqual([
    ...['CapPrm:', '0000000000000000', 'CapEff:', '0000000000000000', 'CapAmb:', '0000000000000000', '7'],
  ])
})
