/** The live page of a running lab while a class launches: pictures of it, and that hostile names stay text. */

import { type Browser, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { chromiumOptions } from '../fixtures/chromium.ts'
import type { Copy } from '../harness/copy.ts'
import { serve } from '../harness/serve.ts'
import { lookAt, overflowOf, smallestType } from '../insight/page/browser.ts'
import { hostileName } from './class-names.ts'

export interface LiveView {
  /** Called once the launches have begun: waits until this many are listed, and takes pictures. */
  seeLaunches(count: number): Promise<void>
  /** Called when all are ACTIVE. */
  seeInstances(count: number): Promise<void>
  close(): Promise<void>
}

/** Not the usual ones: another lab on this machine may have them. */
const ports = ['--port', '18080', '--console-port', '16080']

const timeout = 600_000

/** Light and dark, at three widths: nothing is wider than the window, nothing too small to be read. */
const see = (page: Page, name: string) =>
  lookAt(page, name, async (width) => {
    expect([width, await overflowOf(page)]).toEqual([width, 0])
    expect((await smallestType(page)).pixels).toBeGreaterThanOrEqual(10)
  })

async function seeHostile(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.locator('#picture .chip', { hasText: '<img' }).first().click()
  const details = page.locator('#details')
  expect(await details.locator('h2').innerText()).toBe(hostileName)
  await details.getByRole('button', { name: 'Logs', exact: true }).click()
  await details.locator('.answer .line').first().waitFor({ timeout })
  await details.getByRole('button', { name: 'Evidence' }).click()
  await expect.poll(() => page.locator('#launch-state').innerText(), { timeout }).toContain(hostileName)
  await see(page, 'class-hostile')
  expect(await page.locator('img').count()).toBe(0)
  expect(await page.title()).toMatch(/: live$/)
}

/** Recording on the nodes has begun when it gives the view. */
export async function openLiveView(copy: Copy): Promise<LiveView> {
  const open = await serve(copy, /works once/, 'open', '--live', '--no-browser', ...ports)
  const browser: Browser = await chromium.launch(chromiumOptions)
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.setDefaultTimeout(timeout)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => message.type() !== 'log' && complaints.push(message.text()))
  await page.goto(/http:\S+token=\S+/.exec(open.output)![0])
  await page.locator('#picture .item').first().waitFor()
  const recorder = () => copy.run('./lab', 'ssh', 'controller', 'systemctl is-active duostack-trace-live-*')
  await expect.poll(recorder, { timeout, interval: 3000 }).toMatchObject({ exitCode: 0 })
  return {
    async seeLaunches(count) {
      await expect.poll(() => page.locator('#launch-list button').count(), { timeout }).toBeGreaterThanOrEqual(count)
      await see(page, 'class-launches')
    },
    async seeInstances(count) {
      await page.getByRole('button', { name: 'Fold all', exact: true }).click()
      await expect.poll(() => page.locator('#picture .chip').count(), { timeout }).toBeGreaterThanOrEqual(count)
      await see(page, 'class-instances')
      await seeHostile(page)
      expect(complaints).toEqual([])
    },
    async close() {
      await browser.close()
      open.child.kill('SIGINT')
      await open.child
    },
  }
}
