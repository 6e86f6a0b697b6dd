/**
 * The gallery of screens: each at 80 and 120 columns, in color, without color and in a pipe, as golden files
 * (`npx vitest run test/lab/gallery.test.ts -u` writes them again). An escape is shown as ␛.
 */

import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type Standing, standings } from '../../scripts/lab/standings.ts'
import { fitTo, screenOf } from '../../scripts/terminal/screen.ts'
import { screens } from './screens.ts'

const terminal = (columns: number, env: NodeJS.ProcessEnv) => screenOf({ isTTY: true, columns }, env)
const places = {
  '80-color': terminal(80, {}),
  '120-color': terminal(120, {}),
  '80-no-color': terminal(80, { NO_COLOR: '1' }),
  pipe: screenOf({ isTTY: false, columns: 80 }, {}),
}

/** What may be wider than the screen: a command to paste. */
const isCommand = (line: string) => /(^| )\.\/lab [a-z]+/.test(line)

describe.each(Object.entries(screens))('%s', (name, show) => {
  test.each(Object.entries(places))('%s', async (place, screen) => {
    const text = fitTo(await show(screen.columns), screen)
    const plain = stripVTControlCharacters(text)
    if (screen.columns) {
      expect(plain.split('\n').filter((line) => line.length > screen.columns && !isCommand(line))).toEqual([])
    }
    // With and without color the text is the same.
    if (!screen.colours) expect(text).toBe(plain)
    else if (/^ *[✓✗] /m.test(plain)) expect(text).not.toBe(plain)
    const file = join(import.meta.dirname, 'gallery', `${name}.${place}.txt`)
    await expect(`${text.replaceAll('\u001b', '␛')}\n`).toMatchFileSnapshot(file)
  })
})

test.each(['overview-healthy', 'overview-broken', 'end-of-up', 'status-healthy', 'verify-failed', 'doctor-problem'])(
  '%s fits 80 columns and 24 rows',
  async (name) => {
    const rows = fitTo(await screens[name]!(80), places['80-no-color']).split('\n')
    expect(rows.length).toBeLessThan(24)
  },
)

test('the end of up takes twelve lines at most', async () => {
  expect((await screens['end-of-up']!(80)).split('\n').length).toBeLessThanOrEqual(12)
})

test('each standing has three next commands, which there are', async () => {
  const { commands } = await import('../../scripts/lab/commands.ts')
  for (const standing of Object.keys(standings) as Standing[]) {
    const names = standings[standing].next.map(([command]) => command.split(' ')[1]!)
    expect(names).toHaveLength(3)
    for (const name of names) expect(commands).toHaveProperty(name)
  }
})
