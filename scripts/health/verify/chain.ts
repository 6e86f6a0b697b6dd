/** Lines of verify that rest on each other: made one after the other, and after the first that fails not tried. */

import { failed, notTried, type Observation } from './observation.ts'

export interface Link {
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
  for (const { what, see } of links) {
    const broken = lines.find(({ ok }) => !ok)
    if (broken) {
      lines.push(notTried(what, broken))
      continue
    }
    onLine(what)
    const line = await see().then(
      (seen) => ({ what, ok: true, seen, next: '' }),
      (error: unknown) => failed(what, error),
    )
    lines.push(line.ok || line.next !== './lab status' ? line : { ...line, next })
  }
  return lines
}

/** For what was read and is not as it should be. */
export function expectSeen(holds: boolean, seen: string): string {
  if (holds) return seen
  throw new Error(seen)
}
