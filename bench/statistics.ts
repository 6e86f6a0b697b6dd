/** Combines the numbers of several runs: the median and the spread. */

export interface Summary {
  median: number
  min: number
  max: number
  runs: number
}

/** Undefined without numbers. */
export function summarize(numbers: readonly number[]): Summary | undefined {
  const sorted = numbers.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  if (upper === undefined) return undefined
  const median = sorted.length % 2 ? upper : (sorted[middle - 1]! + upper) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)!, runs: sorted.length }
}

/** How many times as long the second takes as the first; undefined if one of them was not measured. */
export function ratioOf(ours: Summary | undefined, other: Summary | undefined): number | undefined {
  return ours && other && ours.median > 0 ? other.median / ours.median : undefined
}
