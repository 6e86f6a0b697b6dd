/** Reproducible randomness: everything that a run chooses follows from one printed seed. */

export interface Chance {
  seed: number
  /** From 0 to below 1. */
  next(): number
  pick<T>(from: readonly T[]): T
}

/** `wanted`: from the environment; a new seed if absent. */
export function openChance(wanted = process.env['DUOSTACK_FAULTS_SEED']): Chance {
  const seed = wanted ? Number(wanted) : Math.floor(Math.random() * 1e9)
  const next = mulberry32(seed)
  return { seed, next, pick: (from) => from[Math.floor(next() * from.length)]! }
}

/** The same elements in random order, every order equally likely (Fisher and Yates). */
export function shuffle<T>({ next }: Pick<Chance, 'next'>, from: readonly T[]): T[] {
  const all = [...from]
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1))
    ;[all[last], all[other]] = [all[other]!, all[last]!]
  }
  return all
}

/** Tommy Ettinger's generator: 32 bits of state, good enough to scatter moments. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
