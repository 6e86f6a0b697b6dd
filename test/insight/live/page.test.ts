/** The live page in a real browser, with recorded data: what it shows, asks and never does. */

import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pictureOf } from '../../../scripts/insight/live/picture.ts'
import type { Question } from '../../../scripts/insight/live/protocol.ts'
import { chromiumOptions } from '../../fixtures/chromium.ts'
import { contrastOf, lookAt, overflowOf, smallestType } from '../page/browser.ts'
import { largeStatus, largeTopology, launchAfter, openStage, type Stage, someRates } from './stage.ts'

const evil = '<img src=x onerror="document.title=1">\u202e\u0007'
const names = [evil, ...Array.from({ length: 19 }, (_, index) => `web-${index + 2}`)]
const topology = largeTopology(8, names)
const command = './lab ssh compute7 journalctl -u neutron-linuxbridge-agent -n 50 --no-pager'

function answer({ what }: Question) {
  if (what === 'console') return { url: 'javascript:alert(1)' }
  if (what === 'path')
    return { hops: [{ id: 'ping', what: 'it answers ping', ok: false, seen: evil, next: './lab status' }] }
  return { lines: [{ at: 0, node: 'compute1', from: 'nova-compute', level: 'ERROR', text: `${evil} log` }] }
}

let browser: Browser
let stage: Stage
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  stage = await openStage(answer)
  browser = await chromium.launch(chromiumOptions)
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, hasTouch: true })
  page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => message.type() !== 'log' && complaints.push(message.text()))
  page.on('request', (request) => !request.url().startsWith('http://127.0.0.1:') && complaints.push(request.url()))
  stage.live.show({ kind: 'topology', key: 'topology', picture: pictureOf(topology) })
  stage.live.show({ kind: 'status', key: 'status', status: largeStatus(topology), at: Date.now() })
  await page.goto(stage.live.newAddress())
  await page.locator('#picture .item').first().waitFor()
}, 60_000)

afterAll(async () => {
  await browser?.close()
  stage.live.close()
})

const item = (id: string) => page.locator(`#picture [data-id="${id}"]`)
const first = 'compute1/instance-00000000'

describe('the live page, in a real browser', () => {
  test('has no token in its address, and no script can read the cookie', async () => {
    expect(page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]+\/$/)
    expect(await page.evaluate(() => [document.cookie, document.referrer])).toEqual(['', ''])
    expect(stage.watched).toEqual([true])
  })

  test('shows 8 computes with 20 instances at once, readable, at every width, light and dark', async () => {
    for (const beat of [1, 2, 3]) stage.live.show(someRates(topology, beat))
    await expect.poll(() => page.locator('#picture .chip .rate').first().textContent()).toMatch(/^↓\d/)
    expect(await page.locator('#picture .chip').count()).toBe(20)
    await lookAt(page, 'live-large', async (width) => {
      expect([width, await overflowOf(page)]).toEqual([width, 0])
      expect((await smallestType(page)).pixels).toBeGreaterThanOrEqual(10)
      const { boxes, frames } = await page.evaluate(() => {
        const of = (selector: string) =>
          [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect().toJSON())
        return { boxes: of('#picture .chip > rect'), frames: of('#picture .frame') }
      })
      for (const list of [boxes, frames]) {
        const over = list.filter((one, index) => list.some((two, other) => other < index && covers(one, two)))
        expect(over).toEqual([])
      }
      for (const selector of ['#picture .name', '#picture .rate', '#health', '.hint', '.command code']) {
        if (await page.locator(selector).first().isVisible())
          expect(await contrastOf(page, selector)).toBeGreaterThan(4.5)
      }
    })
  }, 60_000)

  test('draws the arrows of a launch as they come, and says when it has ended', async () => {
    await page.setViewportSize({ width: 1440, height: 900 })
    const counts: number[] = []
    for (const milliseconds of [10, 900, 2500, undefined]) {
      stage.live.show(launchAfter(milliseconds))
      const wanted = launchAfter(milliseconds)
      const steps = wanted.kind === 'launch' ? wanted.launch.steps.filter(({ textStep }) => textStep).length : 0
      await expect.poll(() => page.locator('#trace-diagram .arrow').count()).toBe(steps)
      counts.push(steps)
    }
    expect(counts).toEqual([...new Set(counts)].sort((one, other) => one - other))
    expect(await page.locator('#launch-state').innerText()).toMatch(/ACTIVE on compute1, 32 of 32 steps seen/)
    await page.locator('#trace-diagram .arrow').nth(8).click()
    expect(await page.locator('#trace-evidence pre').first().innerText()).toContain('"kind"')
    // A second one does not push aside what is being read.
    stage.live.show(launchAfter(300, 'stopped-scheduler'))
    await expect.poll(() => page.locator('#launch-list button').count()).toBe(2)
  })

  test('a failed launch says where it stopped', async () => {
    stage.live.show(launchAfter(undefined, 'no-valid-host'))
    await page.locator('#launch-list button', { hasText: 'no-valid-host' }).click()
    expect(await page.locator('#launch-end').innerText()).toContain('Where it stopped')
  })

  test('an instance has logs, console, path and a capture to paste; hostile text stays text', async () => {
    await item(first).click()
    const details = page.locator('#details')
    expect(await details.locator('h2').innerText()).toBe('<img src=x onerror="document.title=1">\\u202e\\u0007')
    await details.getByRole('button', { name: 'Logs', exact: true }).click()
    await details.locator('.line').waitFor()
    expect(await details.locator('.line').innerText()).toContain('onerror="document.title=1">\\u202e\\u0007 log')
    await details.getByRole('button', { name: 'Path' }).click()
    await details.locator('.hops').waitFor()
    await details.getByRole('button', { name: 'Console' }).click()
    await details.locator('.answer .bad').waitFor()
    expect(await details.locator('a').count()).toBe(0)
    expect(await details.innerText()).toContain('./lab capture abc00000-7f00-4000-8000-000000000000 --at tap --for 30s')
    expect(stage.questions.map(({ what }) => what)).toEqual(['logs', 'path', 'console'])
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).toBe('duostack: live')
  })

  test('everything in the picture is reached and used with the keyboard', async () => {
    await item('host').focus()
    await page.keyboard.press('End')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toMatch(/^compute8\//)
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    expect(await item('controller').getAttribute('aria-expanded')).toBe('false')
    await page.keyboard.press('Enter')
    expect(await item('controller').getAttribute('aria-expanded')).toBe('true')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('controller')
    expect(await page.locator('#picture .bridge').count()).toBeGreaterThan(0)
    await page.getByRole('button', { name: 'Fold all', exact: true }).press('Enter')
    expect(await page.locator('#picture .bridge').count()).toBe(0)
  })

  test('a touch unfolds a machine on a phone, and its boxes have their rules', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await expect
      .poll(() => page.locator('#picture .chip > rect').first().getAttribute('width').then(Number))
      .toBeLessThan(200)
    await item('compute1').tap()
    const tap = page.locator('#picture .tap').first()
    await tap.tap()
    expect(await page.locator('#details h3').allInnerTexts()).toEqual(['Traffic', 'Rules', 'Capture packets here'])
    expect(await overflowOf(page)).toBe(0)
  })

  test('what is not well is listed with a command, what cannot be read too', async () => {
    expect(await page.locator('#health').innerText()).toBe('1 problem')
    expect(await page.locator('#trouble-list').innerText()).toContain(command)
    stage.live.show({ kind: 'trouble', key: 'trouble node compute2', part: 'node compute2', text: 'no connection' })
    await expect.poll(() => page.locator('#health').innerText()).toBe('2 problems')
    stage.live.show({ kind: 'trouble', key: 'trouble node compute2', part: 'node compute2', text: '' })
    await expect.poll(() => page.locator('#health').innerText()).toBe('1 problem')
  })

  test('nothing came from elsewhere, no script failed, and nothing was forbidden by the policy', () => {
    expect(complaints).toEqual([])
  })

  test('a browser that a file of this machine sends there arrives too, with the token nowhere left', async () => {
    const context = await browser.newContext()
    const other = await context.newPage()
    const address = stage.live.newAddress()
    await other.goto(`data:text/html,<meta http-equiv="refresh" content="0; url=${address}">`)
    await other.locator('#picture .item').first().waitFor()
    expect(other.url()).not.toContain('token')
    await context.close()
  })
})

interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

/** More than the rounding of a border. */
const covers = (one: Rectangle, two: Rectangle) =>
  one.x + one.width - 2 > two.x &&
  two.x + two.width - 2 > one.x &&
  one.y + one.height - 2 > two.y &&
  two.y + two.height - 2 > one.y
