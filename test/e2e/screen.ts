/** A noVNC page: whether it is connected, what is on its canvas, and its keyboard. */

import type { Frame, Page } from 'playwright-core'
import { expect } from 'vitest'

/** The noVNC frame of a page, or the page itself; waits until noVNC says that the proxy has accepted it. */
export async function waitForScreen(page: Page, seconds: number): Promise<Frame> {
  const found = () => page.frames().find((one) => one.url().includes('/vnc_lite.html'))
  // The dashboard's iframe exists before it has an address.
  await expect.poll(found, { timeout: seconds * 1000 }).toBeDefined()
  const frame = found()!
  await frame.getByText(/^Connected/).waitFor({ timeout: seconds * 1000 })
  return frame
}

/** Number of pixels per colour, the most frequent first: a blank picture has only one. */
export async function readColours(frame: Frame): Promise<number[]> {
  // As a string: the browser has types that this program does not know.
  const counts = (await frame.evaluate(`(() => {
    const canvas = document.querySelector('canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    const counts = {}
    for (let at = 0; at < data.length; at += 4) {
      const colour = data[at] + ',' + data[at + 1] + ',' + data[at + 2]
      counts[colour] = (counts[colour] ?? 0) + 1
    }
    return Object.values(counts)
  })()`)) as number[]
  return counts.sort((a, b) => b - a)
}

/**
 * As a person types: click on the picture, one key after the other. The guest receives keys, not letters, so a capital
 * is typed with Shift held; other characters that need Shift are not supported here.
 */
export async function typeOnScreen(page: Page, frame: Frame, lines: readonly string[]): Promise<void> {
  await frame.locator('canvas').click()
  for (const line of lines) {
    for (const sign of line) {
      if (/[A-Z]/.test(sign)) await page.keyboard.press(`Shift+Key${sign}`, { delay: 30 })
      else await page.keyboard.type(sign, { delay: 30 })
    }
    await page.keyboard.press('Enter')
    await page.waitForTimeout(500)
  }
}
