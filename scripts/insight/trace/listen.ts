/** Something done to the cloud while the recorder listens on all nodes, and what was recorded of it. */

import type { Lab } from '../../declaration/lab.ts'
import type { Progress } from '../../run/progress.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { readClockOffsets } from './collect.ts'
import { type LogPositions, startRecorder, stopRecorder } from './recorder.ts'

export interface Heard<T> {
  outcome: T
  positions: LogPositions
  clockOffsets: Readonly<Record<string, number>>
  ended: number
}

export interface Listening<T> {
  id: string
  progress: Progress
  /** At native speed: as long as it may take at most. */
  seconds: number
  /** The router's namespace that is watched too. */
  namespace?: string
  act: () => Promise<T>
}

/** The recorder is stopped also if `act` fails. */
export async function listen<T>(lab: Lab, { id, progress, seconds, namespace, act }: Listening<T>): Promise<Heard<T>> {
  const clockOffsets = await readClockOffsets(lab)
  const positions = await progress.step('start the recorder on all nodes', () =>
    startRecorder(lab, id, seconds * lab.timeScale + scaled(lab, timeouts.nodes.work), namespace),
  )
  let outcome: T
  try {
    outcome = await act()
  } finally {
    await stopRecorder(lab, id)
  }
  return { outcome, positions, clockOffsets, ended: Date.now() }
}
