/** `./lab open --live`: the server of the live page here, and its half inside the lab. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { replaceFile } from '../declaration/files.ts'
import type { Lab } from '../declaration/lab.ts'
import { openBrowser } from '../host/browser.ts'
import { type Answer, type Order, type Question, type Report, readDocuments } from '../insight/live/protocol.ts'
import { serveLive } from '../insight/live/server.ts'
import { wayInside } from '../run/namespace.ts'
import { ownProgram } from '../run/own-program.ts'

export interface LiveView {
  /** Its address now; with each call another one, and the one before works no more. */
  newAddress(): string
  /** Leads the user's browser to an address; the address itself, with its token, is in no argument. */
  openInBrowser(address: string): boolean
  /** Resolved when the half inside has ended by itself: the lab's network is gone. */
  ended: Promise<void>
  close(): Promise<void>
}

interface Inside {
  order(order: Order): void
  ended: Promise<void>
  end(): Promise<void>
}

function startInside(lab: Lab, take: (report: Report) => void): Inside {
  const way = wayInside(lab, ownProgram(process.argv[1]!, 'live-inside'))
  const child = execa(way.file, way.args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    reject: false,
    buffer: false,
  })
  child.stdin.on('error', () => {})
  const reading = readDocuments(createInterface({ input: child.stdout }), take)
  const ended = Promise.all([child, reading]).then(way.done)
  return {
    order: (order) => void child.stdin.write(`${JSON.stringify(order)}\n`),
    ended,
    async end() {
      child.stdin.end()
      await ended
    },
  }
}

/** Questions under way, each with who waits for its answer. */
function openQuestions(order: (order: Order) => void) {
  const waiting = new Map<number, (answer: Answer) => void>()
  let last = 0
  return {
    ask: (question: Question) =>
      new Promise<Answer>((resolve) => {
        last += 1
        waiting.set(last, resolve)
        order({ ask: last, question })
      }),
    answer(number: number, content: Answer) {
      waiting.get(number)?.(content)
      waiting.delete(number)
    },
    giveUp() {
      for (const [number] of waiting) this.answer(number, { error: 'the lab does not answer any more' })
    },
  }
}

export async function openLiveView(lab: Lab): Promise<LiveView> {
  const handOver = join(lab.paths.state, 'live.html')
  const inside = startInside(lab, (report) => {
    if ('answer' in report) questions.answer(report.answer, report.content)
    else live.show(report)
  })
  const questions = openQuestions(inside.order)
  const live = await serveLive({
    lab,
    ask: questions.ask,
    onWatched: (watch) => inside.order({ watch }),
    onSwap: () => rmSync(handOver, { force: true }),
  })
  return {
    newAddress: live.newAddress,
    openInBrowser(address) {
      const page = `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url=${address}"><title>Duostack</title>\n`
      replaceFile(handOver, page)
      return openBrowser(handOver)
    },
    ended: inside.ended.then(questions.giveUp.bind(questions)),
    async close() {
      rmSync(handOver, { force: true })
      live.close()
      await inside.end()
    },
  }
}
