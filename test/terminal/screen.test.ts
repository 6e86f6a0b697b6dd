/** Text for people at a terminal: broken between words, marks in color, and neither in a pipe. */

import { stripVTControlCharacters } from 'node:util'
import { array, assert, constantFrom, integer, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitTo, hasColours, screenOf } from '../../scripts/terminal/screen.ts'
import { wrap } from '../../scripts/terminal/wrap.ts'

const word = string({ minLength: 1, maxLength: 30 }).map((text) => text.replaceAll(/\s/g, 'x'))
const start = constantFrom(
  '',
  '  ✗ ',
  '    expected: ',
  '      cause     ',
  '    ',
  './lab logs: ',
  '      ./lab ssh node ',
)
const lines = array(
  array(word, { minLength: 1, maxLength: 30 }).chain((words) => start.map((begin) => begin + words.join(' '))),
  { minLength: 1, maxLength: 4 },
).map((all) => all.join('\n'))
const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean)

describe('wrapping', () => {
  test('keeps every word whole and in its place', () => {
    assert(
      property(lines, integer({ min: 20, max: 120 }), (text, width) => {
        expect(wordsOf(wrap(text, width))).toEqual(wordsOf(text))
      }),
    )
  })

  test('keeps within the width all that can be broken', () => {
    assert(
      property(lines, integer({ min: 20, max: 120 }), (text, width) => {
        for (const line of wrap(text, width).split('\n')) {
          const isCommand = line.startsWith('      ./lab')
          // One word alone, or one after its label.
          const isUnbreakable = wordsOf(line.replace(/^\s*(?:[✗✓!-] )?(?:[a-z]+:? +)?/, '')).length <= 2
          expect(line.length <= width || isCommand || isUnbreakable, line).toBe(true)
        }
      }),
    )
  })

  test('wrapped again it stays as it is', () => {
    assert(
      property(lines, integer({ min: 20, max: 120 }), (text, width) => {
        const once = wrap(text, width)
        expect(wrap(once, Number.POSITIVE_INFINITY)).toBe(once)
      }),
    )
  })

  test('puts what follows under what it belongs to, and leaves commands whole', () => {
    const text = [
      './lab logs: no level "LOUD", which is not one of those that there are',
      '    expected: DEBUG, INFO, WARNING, ERROR, CRITICAL, or something else',
      '    hint: ./lab logs --level WARNING --since 2h --node controller --follow',
      '  ✓ this checkout  a label of two words, and what is said of it',
      '      cause     the unit has stopped and nobody has started it again',
    ].join('\n')
    expect(wrap(text, 44)).toMatchInlineSnapshot(`
      "./lab logs: no level "LOUD", which is not
        one of those that there are
          expected: DEBUG, INFO, WARNING, ERROR,
            CRITICAL, or something else
          hint: ./lab logs --level WARNING --since 2h --node controller --follow
        ✓ this checkout  a label of two words, and
                         what is said of it
            cause     the unit has stopped and
                      nobody has started it again"
    `)
  })
})

describe('marks', () => {
  const text = '  ✗ a: b\n  ✓ c  ✓ d\n  ! e\n  f ✗g'
  const seen = { columns: 80, colours: true }

  test('have colors, and change nothing else', () => {
    expect(fitTo(text, seen)).toContain('\u001b[31m✗\u001b[39m a: b')
    expect(fitTo(text, seen).split('\u001b[32m✓')).toHaveLength(3)
    expect(stripVTControlCharacters(fitTo(text, seen))).toBe(text)
  })

  test.each([
    [{ isTTY: true }, {}, true],
    [{ isTTY: true }, { NO_COLOR: '1' }, false],
    [{ isTTY: true }, { TERM: 'dumb' }, false],
    [{ isTTY: false }, {}, false],
    [{ isTTY: false }, { FORCE_COLOR: '1' }, true],
    [{ isTTY: true }, { FORCE_COLOR: '0' }, false],
    [{ isTTY: false }, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('%j with %j: %s', (stream, env, colours) => {
    expect(hasColours(stream, env)).toBe(colours)
  })

  test('a pipe has neither width nor colors', () => {
    const pipe = screenOf({ isTTY: false, columns: 80 }, {})
    expect(fitTo(`${text}${' word'.repeat(50)}`, pipe)).toBe(`${text}${' word'.repeat(50)}`)
  })
})
