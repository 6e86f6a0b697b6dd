/** The display on a terminal: finished steps scroll up; running steps are below them, one per line. */

import { createLogUpdate } from 'log-update'
import { safe } from '../../terminal/print.ts'
import { hasColours } from '../../terminal/screen.ts'
import { steadyNow } from './clock.ts'
import type { Display } from './display.ts'
import { type Look, runningRow, type Step, settledRow, waitingRow } from './row.ts'
import { cleanLine } from './text.ts'

/** Rows of the terminal that are left to what has scrolled up. */
const keptRows = 4

/** Rows of what runs and what waits, as many as there is room for. */
function composeRows(running: Iterable<Step>, waiting: readonly string[], room: number, look: Look): string[] {
  const all = [...[...running].map((step) => runningRow(step, look)), ...waiting.map((line) => waitingRow(line, look))]
  return all.length > room ? [...all.slice(0, room - 1), `    and ${all.length - room + 1} more`] : all
}

/** The part of the screen that is drawn anew; `settle` lets a line go up and out of it. */
function createRegion(stream: NodeJS.WriteStream, rows: (room: number) => string[]) {
  const update = createLogUpdate(stream)
  let timer: NodeJS.Timeout | undefined
  const draw = () => {
    const lines = rows(Math.max(1, (stream.rows || 24) - keptRows))
    if (lines.length > 0) update(lines.join('\n'))
  }
  return {
    settle(text: string) {
      update.clear()
      stream.write(`${safe(text)}\n`)
      draw()
    },
    wake() {
      timer ??= setInterval(draw, 120)
      // Only a display: it keeps no process alive.
      timer.unref()
      draw()
    },
    rest() {
      clearInterval(timer)
      timer = undefined
      update.clear()
      // Gives the cursor back.
      update.done()
    },
  }
}

export function createLiveDisplay(stream: NodeJS.WriteStream): Display {
  const running = new Set<Step>()
  let waiting: readonly string[] = []
  const look = (): Look => ({
    // The last column stays free: a full line makes some terminals begin a new one.
    width: (stream.columns || 80) - 1,
    colours: hasColours(stream),
    now: steadyNow(),
  })
  const region = createRegion(stream, (room) => (running.size ? composeRows(running, waiting, room, look()) : []))
  return {
    line: region.settle,
    waiting(lines) {
      waiting = lines
    },
    begin(title) {
      const now = steadyNow()
      const step: Step = { title, detail: '', start: now, heard: now }
      running.add(step)
      region.wake()
      return {
        note(detail) {
          step.detail = cleanLine(detail)
          step.heard = steadyNow()
        },
        end(outcome, settled = title) {
          if (!running.delete(step)) return
          region.settle(settledRow(settled, outcome, steadyNow() - step.start, look()))
          if (running.size === 0) region.rest()
        },
      }
    },
  }
}
