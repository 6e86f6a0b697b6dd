/** Making an exercise's changes and undoing them: what was there is written down before each of them begins. */

import type { Change } from './exercise.ts'

/** What can be done with a change of either kind. */
export interface Hands {
  /** What is so now, as the change wants to know it. */
  read(change: Change): Promise<unknown>
  apply(change: Change, before: unknown): Promise<void>
  restore(change: Change, before: unknown): Promise<void>
}

/** `note` keeps what was read so far; it has returned before the change begins. */
export async function makeChanges(
  changes: readonly Change[],
  hands: Hands,
  note: (before: readonly unknown[]) => void,
): Promise<void> {
  const before: unknown[] = []
  for (const change of changes) {
    before.push(await hands.read(change))
    note(before)
    await hands.apply(change, before.at(-1))
  }
}

/** The last change first. Whatever was not noted had not begun, and is left alone. */
export async function undoChanges(changes: readonly Change[], hands: Hands, before: readonly unknown[]): Promise<void> {
  for (const [index, change] of [...changes.entries()].toReversed()) {
    if (index < before.length) await hands.restore(change, before[index])
  }
}
