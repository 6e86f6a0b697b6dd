import { expect, test } from 'vitest'
import { UsageError } from '../../scripts/declaration/errors.ts'
import { parseDelay, parseLoss, parseRate, parseSize, parseTime } from '../../scripts/lab/wire-arguments.ts'

test.each<[(given: string) => number, string, number]>([
  [parseTime('capture'), '30s', 30],
  [parseTime('capture'), '24h', 86_400],
  [parseSize, '64MiB', 2 ** 26],
  [parseRate, '500kbit', 500_000],
  [parseRate, '1mbit', 1e6],
  [parseDelay, '2s', 2000],
  [parseLoss, '0.5%', 0.5],
])('%o %s is %d', (parse, given, value) => {
  expect(parse(given)).toBe(value)
})

test.each<[(given: string) => number, readonly string[]]>([
  [parseTime('impair'), ['', '0s', '25h', '-1s', 'soon']],
  [parseSize, ['64', '64MB', '2GiB', '0MiB', '1e3KiB']],
  [parseRate, ['1', '1mb', '0mbit', '11gbit', '1mbit; reboot']],
  [parseDelay, ['100', '0ms', '61s', '1ms 2ms']],
  [parseLoss, ['10', '0%', '101%', '-1%', '10%%']],
])('%o refuses what is no such value', (parse, values) => {
  for (const given of values) expect(() => parse(given), given).toThrow(UsageError)
})
