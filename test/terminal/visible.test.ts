import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { paint } from '../../scripts/terminal/colour.ts'
import { cut } from '../../scripts/terminal/cut.ts'
import { print, safe, tell } from '../../scripts/terminal/print.ts'
import { shellQuote } from '../../scripts/terminal/shell-quote.ts'
import { visible, visibleIn, visibleLines } from '../../scripts/terminal/visible.ts'
import { hostileText, raw } from './hostile.ts'

describe('text from outside', () => {
  test.each([
    ['\u001b]0;gone\u0007', '\\x1b]0;gone\\x07'],
    ['\u001b\u001b[0m[31m', '\\x1b\\x1b[0m[31m'],
    ['a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['\u009b31m', '\\u009b31m'],
    ['\u007f', '\\u007f'],
    ['exe.\u202egnp', 'exe.\\u202egnp'],
    ['\u2066a\u2069', '\\u2066a\\u2069'],
    ['a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
    ['\u2028', '\\u2028'],
    ['\u{e0041}', '\\udb40\\udc41'],
    ['\ud800', '\\ud800'],
  ])('%j is shown as %s', (given, shown) => expect(visible(given)).toBe(shown))

  test.each(['test', '서버 1', 'Ångström – “x”', '🙂', '\\x1b', 'مرحبا', '$(touch x)'])('%s stays', (text) =>
    expect(visible(text)).toBe(text),
  )

  test('line breaks and tabs stay where lines are expected', () => {
    expect(visibleLines('a\n\tb\r\u001b[m')).toBe('a\n\tb\\r\\x1b[m')
  })

  test('in data every text is escaped and nothing else; the data itself stays exact', () => {
    const fix = () => 1
    const data = { name: '\u001b', list: ['\n', 1, null, undefined, true], deep: { fix } }
    expect(visibleIn(data)).toEqual({ name: '\\x1b', list: ['\\n', 1, null, undefined, true], deep: { fix } })
    expect(data.name).toBe('\u001b')
  })

  test('whatever it is, it has no effect on a terminal, and escaping it twice gives the same', () => {
    fc.assert(
      fc.property(fc.oneof(hostileText, fc.string({ unit: 'binary' })), (text) => {
        expect(visible(text)).not.toMatch(raw)
        expect(visible(visible(text))).toBe(visible(text))
      }),
    )
  })
})

describe('the output', () => {
  test('lets our own colors through, and no others', () => {
    const own = paint('red', 'ERROR', { colours: true })
    expect(safe(`${own} \u001b[8mhidden\u001b[0m\n`)).toBe(`${own} \\x1b[8mhidden\\x1b[0m\n`)
    expect(paint('red', 'ERROR', { colours: false })).toBe('ERROR')
  })

  test('is that of stdout and of stderr', () => {
    const [out, err] = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')].map((spy) => spy.mockReturnValue())
    try {
      print('a\u0007')
      tell('b\u0007')
      expect(out?.mock.calls).toEqual([['a\\x07']])
      expect(err?.mock.calls).toEqual([['b\\x07']])
    } finally {
      vi.restoreAllMocks()
    }
  })

  test('a JSON document says exactly the same behind it', () => {
    fc.assert(
      fc.property(hostileText, fc.string({ unit: 'binary' }), (name, text) => {
        for (const indent of [0, 2]) {
          const shown = safe(JSON.stringify({ name, [text]: text }, null, indent))
          expect(shown.replaceAll('\n', '')).not.toMatch(raw)
          expect(JSON.parse(shown)).toEqual({ name, [text]: text })
        }
      }),
    )
  })
})

test('text that is too long is cut between characters', () => {
  expect([cut('abcd', 4), cut('abcd', 3), cut('a🙂bc', 3)]).toEqual(['abcd', 'ab…', 'a…'])
  expect(cut('abcd', 0)).toBe('abcd')
})

test.each([
  ['test', 'test'],
  ['x-$(touch y)', `'x-$(touch y)'`],
  ["it's", `'it'\\''s'`],
  ['', `''`],
])('%j is one word for a shell', (word, quoted) => expect(shellQuote(word)).toBe(quoted))
