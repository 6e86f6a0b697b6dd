/** The display on a terminal: finished steps scroll up, those that run stand below them, each on a line of its own. */

import { createLogUpdate } from 'log-update'
import type { Display } from '../progress.ts'
import { type Look, runningRow, type Step, settledRow, waitingRow } from './row.ts'
import { cleanLine } from './text.ts'

/** Rows of the terminal that are left to what has scrolled up. */
const keptRows = 4

export function createLiveDisplay(stream: NodeJS.WriteStream): Display {
  const update = createLogUpdate(stream)
  const running = new Set<Step>()
  let waiting: readonly string[] = []
  let timer: NodeJS.Timeout | undefined
  const look = (): Look => ({
    // The last column stays free: a full line makes some terminals begin a new one.
    width: (stream.columns || 80) - 1,
    colours: !process.env['NO_COLOR'],
    now: Date.now(),
  })
  const draw = () => {
    if (running.size === 0) return
    const room = Math.max(1, (stream.rows || 24) - keptRows)
    const all = [
      ...[...running].map((step) => runningRow(step, look())),
      ...waiting.map((line) => waitingRow(line, look())),
    ]
    const rows = all.length > room ? [...all.slice(0, room - 1), `    and ${all.length - room + 1} more`] : all
    update(rows.join('\n'))
  }
  const settle = (text: string) => {
    update.clear()
    stream.write(`${text}\n`)
    draw()
  }
  const watch = () => {
    timer ??= setInterval(draw, 120)
    // Only a display: it keeps no process alive.
    timer.unref()
  }
  const rest = () => {
    if (running.size > 0) return
    clearInterval(timer)
    timer = undefined
    update.clear()
    // Gives the cursor back.
    update.done()
  }
  return {
    line: settle,
    waiting(lines) {
      waiting = lines
    },
    begin(title) {
      const now = Date.now()
      const step: Step = { title, detail: '', start: now, heard: now }
      running.add(step)
      watch()
      draw()
      return {
        note(detail) {
          step.detail = cleanLine(detail)
          step.heard = Date.now()
        },
        end(outcome, settled = title) {
          if (!running.delete(step)) return
          settle(settledRow(settled, outcome, Date.now() - step.start, look()))
          rest()
        },
      }
    },
  }
}
