/** Twenty launches at once on the live page, as when a class begins: all are listed, readable, and stay at their places. */

import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pictureOf } from '../../../scripts/insight/live/picture.ts'
import type { LiveEvent } from '../../../scripts/insight/live/protocol.ts'
import { chromiumOptions } from '../../fixtures/chromium.ts'
import { contrastOf, lookAt, overflowOf, smallestType } from '../page/browser.ts'
import { largeStatus, largeTopology, launchAfter, openStage, type Stage } from './stage.ts'

const evil = '<img src=x onerror="document.title=1">\u202e'
const names = [evil, ...Array.from({ length: 19 }, (_, index) => `s${index + 2}-the-server-of-a-student`)]
const topology = largeTopology(2, names)

/** As far as it is known after so many milliseconds; complete without. */
function launchOf(number: number, milliseconds?: number): LiveEvent {
  const event = launchAfter(milliseconds)
  if (event.kind !== 'launch') throw new Error('not a launch')
  const server = { ...event.launch.server, name: names[number] ?? `later-${number}` }
  return { ...event, key: `launch ${number}`, launch: { ...event.launch, id: `${number}`, server } }
}

let browser: Browser
let stage: Stage
let page: Page

beforeAll(async () => {
  stage = await openStage(() => ({ error: 'nothing is asked here' }))
  browser = await chromium.launch(chromiumOptions)
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  stage.live.show({ kind: 'topology', key: 'topology', picture: pictureOf(topology) })
  stage.live.show({ kind: 'status', key: 'status', status: largeStatus(topology), at: Date.now() })
  for (const number of names.keys()) stage.live.show(launchOf(number, 900))
  await page.goto(stage.live.newAddress())
}, 60_000)

afterAll(async () => {
  await browser?.close()
  stage.live.close()
})

const buttons = () => page.locator('#launch-list button')
const listed = () => page.locator('#launch-list button b').allInnerTexts()

describe('a burst of launches', () => {
  test('all are listed, the newest first, and counted', async () => {
    await expect.poll(() => buttons().count()).toBe(20)
    expect((await listed())[0]).toBe(names[19])
    expect(await page.locator('#launch-count').innerText()).toBe('20 launches: 20 being built')
    expect(await page.locator('img').count()).toBe(0)
    expect((await listed()).at(-1)).toContain('onerror="document.title=1">\\u202e')
  })

  test('each stays at its place and keeps the focus while it goes on', async () => {
    const before = await listed()
    await buttons().nth(4).focus()
    for (const number of [3, 15, 0]) stage.live.show(launchOf(number, 2500))
    stage.live.show(launchOf(7))
    const count = page.locator('#launch-count')
    await expect.poll(() => count.innerText()).toBe('20 launches: 19 being built, 1 ACTIVE')
    expect(await listed()).toEqual(before)
    expect(await page.evaluate(() => document.activeElement?.querySelector('b')?.textContent)).toBe(before[4])
  })

  test('one that is ACTIVE counts as built while its last steps are awaited', async () => {
    const event = launchOf(9, 2500)
    if (event.kind !== 'launch') throw new Error('not a launch')
    const { server, ended } = event.launch
    expect([server.status, ended]).toEqual(['BUILD', false])
    stage.live.show({ ...event, launch: { ...event.launch, server: { ...server, status: 'ACTIVE' } } })
    const count = page.locator('#launch-count')
    await expect.poll(() => count.innerText()).toBe('20 launches: 18 being built, 2 ACTIVE')
    stage.live.show(event)
  })

  test('readable at every width, light and dark, with the diagram of one below', async () => {
    await lookAt(page, 'live-burst', async (width) => {
      expect([width, await overflowOf(page)]).toEqual([width, 0])
      expect((await smallestType(page)).pixels).toBeGreaterThanOrEqual(10)
      for (const selector of ['.launch b', '.launch span', '#launch-count'])
        expect(await contrastOf(page, selector)).toBeGreaterThan(4.5)
      const { list, texts } = await page.evaluate(() => ({
        list: document.querySelector('#launch-list')!.clientHeight,
        texts: [...document.querySelectorAll('.launch > span')].filter((one) => one.scrollWidth > one.clientWidth + 1)
          .length,
      }))
      expect(list).toBeLessThan(200)
      expect(texts).toBe(0)
    })
  }, 60_000)

  test('of more than are kept, those that have ended go first; whoever opens the page later sees the same', async () => {
    for (let number = 20; number < 32; number++) stage.live.show(launchOf(number, 900))
    await expect.poll(() => buttons().count()).toBe(31)
    for (const number of [0, 1, 2]) stage.live.show(launchOf(number))
    await expect.poll(() => buttons().count()).toBe(30)
    const here = await listed()
    // The one that is shown stays, too.
    expect(here.at(-1)).toContain('onerror')
    const later = await browser.newPage()
    await later.goto(stage.live.newAddress())
    await expect.poll(() => later.locator('#launch-list button').count()).toBe(30)
    expect((await later.locator('#launch-list button b').allInnerTexts()).slice(0, -1)).toEqual(here.slice(0, -1))
    await later.close()
  })
})
