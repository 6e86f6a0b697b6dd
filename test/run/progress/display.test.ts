import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { createLiveDisplay } from '../../../scripts/run/progress/live.ts'
import { createPlainDisplay } from '../../../scripts/run/progress/plain.ts'
import { stepsOn } from '../../../scripts/run/progress.ts'
import { fakeTerminal } from './stream.ts'

describe('on a terminal', () => {
  test('steps that run side by side have a line each, and a finished one scrolls up', () => {
    const terminal = fakeTerminal({ columns: 80, rows: 24 })
    const display = createLiveDisplay(terminal)
    const [glance, nova] = [display.begin('glance'), display.begin('nova')]
    expect(stripVTControlCharacters(terminal.text())).toMatch(/glance \d s\n.*nova \d s/)
    glance.end('done', 'glance created')
    nova.end('failed')
    expect(stripVTControlCharacters(terminal.text())).toMatch(
      /✓ glance created \(\d\.\d s\)\n[\s\S]*✗ nova \(\d\.\d s\)\n/,
    )
  })

  test('what cannot start yet is shown below, and is dropped if there is no space', () => {
    const terminal = fakeTerminal({ columns: 80, rows: 24 })
    const display = createLiveDisplay(terminal)
    display.waiting(['nova waits for glance'])
    const glance = display.begin('glance')
    expect(stripVTControlCharacters(terminal.text())).toMatch(/glance \d s\n {2}· nova waits for glance/)
    glance.end('done')
    const small = fakeTerminal({ columns: 80, rows: 6 })
    const crowded = createLiveDisplay(small)
    crowded.waiting(['nova waits for glance', 'cinder waits for glance'])
    crowded.begin('glance').end('done')
    expect(small.text()).toContain('and 2 more')
  })

  test('with more steps than rows the rest is counted', () => {
    const terminal = fakeTerminal({ columns: 80, rows: 10 })
    const display = createLiveDisplay(terminal)
    const running = Array.from({ length: 9 }, (_, index) => display.begin(`step ${index}`))
    expect(terminal.text()).toContain('and 4 more')
    for (const step of running) step.end('done')
  })

  test('a detail is shown with the next drawing', async () => {
    const terminal = fakeTerminal({ columns: 80, rows: 24 })
    const step = createLiveDisplay(terminal).begin('image')
    step.note('unpacking 3 of 12')
    await sleep(300)
    expect(terminal.text()).toContain('unpacking 3 of 12')
    step.end('done')
  })
})

describe('in a pipe', () => {
  test('one line with its time per step, without escape sequences', () => {
    const pipe = fakeTerminal(undefined)
    const display = createPlainDisplay(pipe)
    display.begin('glance').end('done', 'glance created')
    display.line('one\ntwo')
    expect(pipe.text()).toMatch(
      /^\d\d:\d\d:\d\d {3}✓ glance created \(\d\.\d s\)\n\d\d:\d\d:\d\d one\n\d\d:\d\d:\d\d two\n$/,
    )
  })

  test('a long step gives a sign of life with its last note, less and less often', () => {
    vi.useFakeTimers()
    try {
      const pipe = fakeTerminal(undefined)
      const step = createPlainDisplay(pipe).begin('nova')
      step.note('waiting until Nova answers')
      vi.advanceTimersByTime(9_999)
      expect(pipe.text()).toBe('')
      vi.advanceTimersByTime(1)
      expect(pipe.text()).toMatch(/… nova, 10 s: waiting until Nova answers\n$/)
      vi.advanceTimersByTime(100_000)
      expect(pipe.text().match(/…/g)).toHaveLength(2)
      step.end('done')
      vi.advanceTimersByTime(1_000_000)
      expect(pipe.text().match(/…/g)).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })

  test('a failed step is marked, and its error is passed on', async () => {
    const pipe = fakeTerminal(undefined)
    const failing = stepsOn(createPlainDisplay(pipe)).step('image', async () => {
      throw new Error('no space')
    })
    await expect(failing).rejects.toThrow('no space')
    expect(pipe.text()).toMatch(/✗ image/)
  })
})
