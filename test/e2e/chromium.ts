/** A headless Chromium, and the screenshots that a run keeps. */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { chromiumOptions } from '../fixtures/chromium.ts'

/** Git-ignored. */
const screenshots = join(import.meta.dirname, 'screenshots')

export interface Browser {
  /** A separate window, without the cookies of others. */
  newWindow(): Promise<Page>
  close(): Promise<void>
}

export async function startBrowser(timeoutSeconds: number): Promise<Browser> {
  const browser = await chromium.launch(chromiumOptions)
  await mkdir(screenshots, { recursive: true })
  return {
    async newWindow() {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
      context.setDefaultTimeout(timeoutSeconds * 1000)
      context.setDefaultNavigationTimeout(timeoutSeconds * 1000)
      return context.newPage()
    },
    close: () => browser.close(),
  }
}

export async function takePicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(screenshots, `${name}.png`) })
}
