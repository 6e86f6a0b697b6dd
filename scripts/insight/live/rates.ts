/** Byte counters of interfaces as rates. */

import type { Rate } from './protocol.ts'

/** By the interface's name: bytes received, bytes sent, and whether it is up. */
export type Counters = Readonly<Record<string, readonly [received: number, sent: number, up: 0 | 1]>>

export interface Reading {
  /** Seconds. */
  t: number
  net: Counters
}

/** Bytes per second between two readings. An interface that is new, or was replaced, has none yet. */
export function ratesOf(before: Reading | undefined, now: Reading): Record<string, Rate> {
  const seconds = before ? now.t - before.t : 0
  if (!before || seconds <= 0) return {}
  return Object.fromEntries(
    Object.entries(now.net).flatMap(([name, [received, sent]]) => {
      const old = before.net[name]
      if (!old || received < old[0] || sent < old[1]) return []
      return [[name, [Math.round((received - old[0]) / seconds), Math.round((sent - old[1]) / seconds)] as const]]
    }),
  )
}

/** Which interfaces there are, and which are up: when that changes, the topology has changed. */
export const shapeOf = (net: Counters) =>
  Object.entries(net)
    .map(([name, [, , up]]) => `${name}:${up}`)
    .sort()
    .join(' ')
