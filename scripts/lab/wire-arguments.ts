/** How long, how large and how bad: the values of `./lab capture` and `./lab impair`. */

import { UsageError } from '../declaration/errors.ts'
import { parseDuration } from '../terminal/amounts.ts'

const refuse = (where: string, given: string, allowed: string): never => {
  throw new UsageError([{ where, given, allowed }])
}

/** Seconds. Throws UsageError with what is allowed. */
export const parseTime =
  (command: string) =>
  (given: string): number => {
    const seconds = parseDuration(given)
    if (seconds !== undefined && seconds >= 1 && seconds <= 86_400) return seconds
    return refuse(`./lab ${command} --for`, given, '30s, 5m, 1h; up to 24h')
  }

const sizes = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const

/** Bytes. The packets are held in memory until the file is written. */
export function parseSize(given: string): number {
  const [, amount, unit = ''] = /^(\d{1,6})(KiB|MiB|GiB)$/.exec(given) ?? []
  const bytes = Number(amount) * sizes[unit as keyof typeof sizes]
  if (bytes >= 1024 && bytes <= sizes.GiB) return bytes
  return refuse('./lab capture --size', given, '512KiB, 64MiB; from 1KiB to 1GiB')
}

/** Bits per second. */
export function parseRate(given: string): number {
  const [, amount, unit = ''] = /^(\d{1,6})([kmg])bit$/.exec(given) ?? []
  const bits = Number(amount) * { k: 1e3, m: 1e6, g: 1e9 }[unit as 'k' | 'm' | 'g']
  if (bits >= 8000 && bits <= 10e9) return bits
  return refuse('./lab impair --rate', given, '500kbit, 1mbit, 1gbit; from 8kbit to 10gbit')
}

/** Milliseconds. */
export function parseDelay(given: string): number {
  const [, amount, unit = ''] = /^(\d{1,5})(ms|s)$/.exec(given) ?? []
  const milliseconds = Number(amount) * (unit === 's' ? 1000 : 1)
  if (milliseconds >= 1 && milliseconds <= 60_000) return milliseconds
  return refuse('./lab impair --delay', given, '100ms, 2s; up to 60s')
}

/** Percent. */
export function parseLoss(given: string): number {
  const [, percent] = /^(\d{1,3}(?:\.\d{1,2})?)%$/.exec(given) ?? []
  if (Number(percent) > 0 && Number(percent) <= 100) return Number(percent)
  return refuse('./lab impair --loss', given, '10%, 0.5%; up to 100%')
}
