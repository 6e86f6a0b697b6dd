/** What is shown while something is being done: one ticked line per step, with its duration. */

import { steadyNow } from './progress/clock.ts'
import type { Display, Running } from './progress/display.ts'
import { createLiveDisplay } from './progress/live.ts'
import { createPlainDisplay } from './progress/plain.ts'
import { isStopping, StoppedError, wasStopped } from './progress/stop.ts'
import { recordStep } from './progress/timings.ts'
import { traceTo } from './progress/trace.ts'

/** Where a step belongs in the timings: a part of the whole (`prepare`, `services`, …) and a name that stays the same. */
export interface Place {
  stack: string
  name: string
}

export interface Progress {
  /** Announces a step, runs it, ticks it off. Steps may run side by side. */
  step<T>(title: string, work: (note: (detail: string) => void) => Promise<T>, place?: Place): Promise<T>
  /** A line of its own. */
  line(text: string): void
}

/** The parts of `step`, for work that starts and ends with events. */
export interface Steps extends Progress {
  begin(title: string, place?: Place): Running
  waiting(lines: readonly string[]): void
}

const shared = new Map<NodeJS.WriteStream, Steps>()

/** Progress on stderr, so that stdout stays free for a command's own answer: live on a terminal, else plain lines. */
export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Steps {
  const known = shared.get(stream)
  if (known) return known
  const steps = stepsOn(stream.isTTY ? createLiveDisplay(stream) : createPlainDisplay(stream))
  shared.set(stream, steps)
  traceTo(steps.line)
  return steps
}

/** On a given display; each step is also written down for the timings. */
export function stepsOn(display: Display): Steps {
  const begin = (title: string, place: Place = { stack: 'prepare', name: title }): Running => {
    const start = steadyNow()
    const running = display.begin(title)
    return {
      note: running.note,
      end(outcome, settled) {
        running.end(outcome, settled)
        recordStep({ ...place, start, end: steadyNow(), outcome })
      },
    }
  }
  return {
    begin,
    line: display.line,
    waiting: display.waiting,
    async step(title, work, place) {
      if (isStopping()) throw new StoppedError()
      const running = begin(title, place)
      try {
        const result = await work(running.note)
        running.end('done')
        return result
      } catch (error) {
        const stopped = await wasStopped()
        running.end(stopped ? 'stopped' : 'failed')
        // Ctrl-C reaches every program of the terminal: that one of them then fails is no failure of its own.
        throw stopped ? new StoppedError() : error
      }
    },
  }
}
