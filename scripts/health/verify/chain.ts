/** Lines of verify that rest on each other: made one after the other, and after the first that fails not tried. */

import { failed, notTried, type Observation } from '../../run/check.ts'

export interface Link {
  id: string
  /** As a fact that should hold. */
  what: string
  /** Makes it so, and gives what was then seen. Throws where it does not hold. */
  see: () => Promise<string>
}

/** Where a person looks when an error names no place of its own. */
export async function observeChain(
  links: readonly Link[],
  next: string,
  onLine: (what: string) => void,
): Promise<Observation[]> {
  const lines: Observation[] = []
  for (const { see, ...about } of links) {
    const broken = lines.find(({ ok }) => !ok)
    if (broken) {
      lines.push(notTried(about, broken))
      continue
    }
    onLine(about.what)
    const line = await see().then(
      (seen) => ({ ...about, ok: true, seen, next: '' }),
      (error: unknown) => failed(about, error, next),
    )
    lines.push(line)
  }
  return lines
}

/** For what was read and is not as it should be. */
export function expectSeen(holds: boolean, seen: string): string {
  if (holds) return seen
  throw new Error(seen)
}
