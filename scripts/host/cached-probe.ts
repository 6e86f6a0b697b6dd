/**
 * What `auto` resolves to on this machine, cached until its next boot, because the probes start guests and take
 * seconds.
 */

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { replaceFile } from '../declaration/files.ts'
import type { Hypervisor } from '../declaration/lab.ts'
import { cacheFolder } from '../terraform/cache.ts'
import type { HostFacts } from './facts.ts'
import { type Choice, type HypervisorFacts, type HypervisorProbes, resolveHypervisor } from './hypervisor.ts'

interface Cached {
  /** What the answer depends on; another one, and it is asked again. */
  circumstances: string
  choice: Choice<Hypervisor>
}

const file = () => join(cacheFolder(), 'hypervisor.json')

type Facts = HypervisorFacts & Pick<HostFacts, 'packages'>

/** KVM is asked with the emulator, which may be installed later. */
function circumstancesOf({ cpuVirtualization, packages, stock }: Facts): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const image = stock ? ['stock image'] : []
  return [boot, cpuVirtualization, existsSync('/dev/kvm'), packages.has('qemu-system-x86'), ...image].join(' ')
}

function readCached(path: string): Cached | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Cached
  } catch {
    return undefined
  }
}

/** As `resolveHypervisor`, but an `auto` that was answered since this machine's boot is not probed again. */
export async function chooseHypervisor(
  declared: Hypervisor | 'auto',
  facts: Facts,
  { path = file(), probes }: { path?: string; probes?: HypervisorProbes } = {},
): Promise<Choice<Hypervisor>> {
  if (declared !== 'auto') return resolveHypervisor(declared, facts)
  const circumstances = circumstancesOf(facts)
  const cached = readCached(path)
  if (cached?.circumstances === circumstances) return cached.choice
  const choice = await resolveHypervisor(declared, facts, ...(probes ? [probes] : []))
  cache(path, { circumstances, choice })
  return choice
}

/** Where it cannot be cached, as with a read-only home, the next one asks again. */
function cache(path: string, cached: Cached): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    replaceFile(path, `${JSON.stringify(cached)}\n`)
  } catch {}
}
