/** What `auto` becomes on this machine, kept until it boots anew: the probes start guests and take seconds. */

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { replaceFile } from '../declaration/files.ts'
import type { Hypervisor } from '../declaration/lab.ts'
import { cacheFolder } from '../terraform/cache.ts'
import type { HostFacts } from './facts.ts'
import { type Choice, type HypervisorFacts, type HypervisorProbes, resolveHypervisor } from './hypervisor.ts'

interface Kept {
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

function readKept(path: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Kept
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
  const kept = readKept(path)
  if (kept?.circumstances === circumstances) return kept.choice
  const choice = await resolveHypervisor(declared, facts, ...(probes ? [probes] : []))
  keep(path, { circumstances, choice })
  return choice
}

/** Where it cannot be kept, as with a read-only home, the next one asks again. */
function keep(path: string, kept: Kept): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    replaceFile(path, `${JSON.stringify(kept)}\n`)
  } catch {}
}
