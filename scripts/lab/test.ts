/** `./lab test`: all tests that need no lab; `e2e`, `faults` and `hosts` build real ones, check them and remove them. */

import { defineCommand } from 'citty'
import { UsageError } from '../declaration/errors.ts'
import { hypervisors } from '../declaration/lab.ts'
import { handOver } from '../run/hand-over.ts'
import { checkout } from './checkout.ts'

/** Takes `--NAME VALUE` out of the words; undefined if it is not there. */
function takeValue(words: string[], name: string): string | undefined {
  const at = words.indexOf(`--${name}`)
  return at < 0 ? undefined : (words.splice(at, 2)[1] ?? '')
}

function takeHypervisor(kind: string, words: string[]): string {
  const hypervisor = takeValue(words, 'hypervisor') ?? 'lxc'
  if (hypervisors.some((known) => known === hypervisor)) return hypervisor
  const where = `./lab test ${kind} --hypervisor`
  throw new UsageError([{ where, given: hypervisor || 'nothing', allowed: hypervisors.join(', ') }])
}

function takeNumber(words: string[], name: string): string | undefined {
  const number = takeValue(words, name)
  if (number === undefined || /^\d{1,9}$/.test(number)) return number
  throw new UsageError([{ where: `./lab test faults --${name}`, given: number || 'nothing', allowed: 'a number' }])
}

function takeFlag(words: string[], name: string): boolean {
  const at = words.indexOf(`--${name}`)
  if (at >= 0) words.splice(at, 1)
  return at >= 0
}

/** The words before the first option. That option and what follows it, such as `-t PATTERN`, goes to vitest. */
function takeNames(words: string[]): string {
  const end = words.findIndex((word) => word.startsWith('-'))
  return words.splice(0, end < 0 ? words.length : end).join(',')
}

/** Words are names of parts. */
function faultsEnvironment(words: string[]): Record<string, string> {
  const [seed, kills] = [takeNumber(words, 'seed'), takeNumber(words, 'kills')]
  return {
    DUOSTACK_FAULTS_PARTS: takeNames(words),
    ...(seed ? { DUOSTACK_FAULTS_SEED: seed } : {}),
    ...(kills ? { DUOSTACK_FAULTS_KILLS: kills } : {}),
  }
}

/** Words are names of cases or of the machines A, B and C. */
function hostsEnvironment(words: string[]): Record<string, string> {
  const env: Record<string, string> = {}
  for (const name of ['fresh', 'keep', 'head']) {
    if (takeFlag(words, name)) env[`DUOSTACK_HOSTS_${name.toUpperCase()}`] = '1'
  }
  return { ...env, DUOSTACK_HOSTS_CASES: takeNames(words) }
}

/** Takes what is ours out of the words; the rest goes to vitest. */
export function environment(kind: 'e2e' | 'faults' | 'hosts', words: string[]): Record<string, string> {
  if (kind === 'hosts') return hostsEnvironment(words)
  const which = {
    DUOSTACK_E2E_HYPERVISOR: takeHypervisor(kind, words),
    ...(takeFlag(words, 'here') ? { DUOSTACK_TEST_HERE: '1' } : {}),
  }
  return kind === 'faults' ? { ...which, ...faultsEnvironment(words) } : which
}

export default defineCommand({
  meta: {
    name: 'test',
    description:
      "Runs all tests that need no lab. `./lab test e2e [--hypervisor lxc|qemu|kvm]` builds, checks and removes a real lab; `--here -t PATTERN` runs some of its tests on the lab of this checkout and keeps it. `./lab test faults [PART…]` kills, breaks, changes and attacks a real lab and prints a table; `--seed N` repeats the random choices of an earlier run, `--kills N` sets the number of kills, `--here` uses the lab of this checkout and keeps it. `./lab test hosts [A|B|C] [CASE…]` creates other machines from Debian packages (A: systemd in namespaces; B, C: emulated VMs), runs labs on them and prints a table; `--head` tests only what is committed, `--fresh` builds the machines' root file systems again, `--keep` keeps the machine of a failed case until Ctrl-C.",
  },
  async run({ rawArgs }) {
    const [kind, ...words] = rawArgs.slice(1)
    // Ours is for the files of a lab. A test that makes a machine would lock its users out of its settings.
    process.umask(0o022)
    process.chdir(checkout)
    if (kind !== 'e2e' && kind !== 'faults' && kind !== 'hosts') {
      process.exitCode = await handOver('npx', ['vitest', 'run', ...(kind ? [kind, ...words] : [])], {})
      return
    }
    const env = environment(kind, words)
    const args = ['vitest', 'run', '--config', `test/${kind}/vitest.config.ts`, ...words]
    process.exitCode = await handOver('npx', args, env)
  },
})
