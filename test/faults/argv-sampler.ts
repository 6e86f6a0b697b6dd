/** Collects the arguments of all processes on this machine while the lab is used, container nodes included. */

import { readdirSync, readFileSync } from 'node:fs'

export interface Sampler {
  /** Every distinct command line that was seen. */
  seen: ReadonlySet<string>
  samples(): number
  stop(): void
}

/** A process is read ten times in its first second, as it may still become another program, then every ten seconds. */
export function sampleArguments(everyMs = 100): Sampler {
  const seen = new Set<string>()
  const looks = new Map<string, number>()
  let samples = 0
  const timer = setInterval(() => {
    samples++
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    for (const pid of pids) {
      const count = (looks.get(pid) ?? 0) + 1
      looks.set(pid, count)
      if (count > 10 && count % 100 !== 0) continue
      try {
        const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        if (argv) seen.add(argv)
      } catch {
        // It has ended in the meantime.
      }
    }
    for (const pid of looks.keys()) if (!pids.includes(pid)) looks.delete(pid)
  }, everyMs)
  timer.unref()
  return { seen, samples: () => samples, stop: () => clearInterval(timer) }
}
