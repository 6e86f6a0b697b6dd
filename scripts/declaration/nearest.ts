/** Finds the known word that a mistyped one was probably meant to be. */

/** The one known word that starts with it, or is so near that it must have been meant; undefined if two are equally near. */
export function nearestTo(word: string, known: readonly string[]): string | undefined {
  const begun = known.filter((one) => word.length > 2 && one.startsWith(word))
  if (begun.length === 1) return begun[0]
  const [best, second] = nearest(word, known)
  if (!best || best.distance > Math.max(1, Math.floor(best.candidate.length / 3))) return undefined
  return second?.distance === best.distance ? undefined : best.candidate
}

/** Even nearer: a slip of one or two letters, or of case, which is rejected although a plug-in could have this key. */
export function almost(word: string, known: readonly string[]): string | undefined {
  const [best] = nearest(word, known)
  return best && best.distance <= Math.min(2, Math.floor((best.candidate.length - 1) / 2)) ? best.candidate : undefined
}

function nearest(word: string, known: readonly string[]) {
  const scored = known.map((candidate) => ({
    candidate,
    distance: editDistance(word.toLowerCase(), candidate.toLowerCase()),
  }))
  return scored.sort((a, b) => a.distance - b.distance)
}

/** Insertions, removals and replacements of one character, and swaps of two neighbours. */
function editDistance(from: string, to: string): number {
  // A longer word than any known one cannot be near; this also keeps a megabyte of garbage from costing minutes.
  if (from.length > 100) return from.length
  let before: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const swapped = isSwap ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1, swapped))
    }
    before = row
    row = next
  }
  return row[to.length]!
}
