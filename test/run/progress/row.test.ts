import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAmount, runningRow, settledRow, showBar } from '../../../scripts/run/progress/row.ts'
import { cleanLine } from '../../../scripts/run/progress/text.ts'
import { showDuration, showElapsed } from '../../../scripts/terminal/amounts.ts'

const look = { width: 79, colours: false, now: 100_000 }
const step = (detail: string, heard = 99_000) => ({ title: 'services: nova', detail, start: 86_000, heard })

test('a running step shows its time and its last note', () => {
  expect(runningRow(step('controller: file /etc/nova/nova.conf'), look)).toMatch(
    /^ {2}. services: nova 14 s · controller: file \/etc\/nova\/nova\.conf$/,
  )
})

test('after ten quiet seconds it says so, and keeps the last note', () => {
  expect(runningRow(step('waiting', 90_001), look)).not.toContain('quiet')
  expect(runningRow(step('waiting', 90_000), look)).toMatch(/14 s, quiet for 10 s · waiting$/)
})

test('what counts itself is never called quiet', () => {
  expect(runningRow(step('3 of 12', 0), look)).not.toContain('quiet')
})

test('a known total becomes a bar, if there is space for one', () => {
  const row = runningRow(step('downloading 30 of 120'), look)
  expect(row).toContain(`${'█'.repeat(4)}${'░'.repeat(12)}`)
  expect(row).toContain('downloading 30 of 120')
  expect(runningRow(step('downloading 30 of 120'), { ...look, width: 40 })).not.toContain('█')
})

test.each([
  ['unpacking 12 of 48', 0.25],
  ['14.2 of 28.4 MB', 0.5],
  ['3 of 12 · waiting for console', 0.25],
  ['12 of 0', undefined],
  ['1 of many', undefined],
  ['file 9 of 8', 1],
])('%s is %s done', (detail, amount) => {
  expect(readAmount(detail)).toBe(amount)
})

test('no row is wider than the terminal, whatever it shows', () => {
  const text = fc.string({ unit: 'grapheme-ascii', maxLength: 200 }).map(cleanLine)
  fc.assert(
    fc.property(text, fc.integer({ min: 10, max: 200 }), fc.boolean(), (detail, width, colours) => {
      const row = stripVTControlCharacters(runningRow(step(detail), { width, colours, now: 100_000 }))
      expect(row).not.toMatch(/[\r\n]/)
      expect([...row].length).toBeLessThanOrEqual(width)
    }),
  )
})

test('output of other programs becomes one harmless line', () => {
  expect(cleanLine('one\r\n\u001b[31mtwo\u001b[0m\u0007\u001b[2J\n\n')).toBe('two')
  expect(cleanLine('10%\r20%\r')).toBe('20%')
  expect(cleanLine('')).toBe('')
})

test('finished steps have their mark, and colors only if wanted', () => {
  expect(settledRow('nodes: created', 'done', 4200, look)).toBe('  ✓ nodes: created (4.2 s)')
  expect(settledRow('nodes: created', 'failed', 61_000, look)).toBe('  ✗ nodes: created (1 min 1 s)')
  expect(settledRow('nodes', 'stopped', 0, look)).toBe('  ■ nodes (0.0 s)')
  expect(settledRow('nodes', 'done', 0, { ...look, colours: true })).toContain('\u001b[32m✓')
})

test('durations', () => {
  expect([showDuration(59_940), showDuration(59_990), showDuration(119_700)]).toEqual(['59.9 s', '60.0 s', '2 min 0 s'])
  expect([showElapsed(59_990), showElapsed(60_000)]).toEqual(['59 s', '1 min 0 s'])
  expect([showBar(0, 4), showBar(0.5, 4), showBar(1, 4)]).toEqual(['░░░░', '██░░', '████'])
})
