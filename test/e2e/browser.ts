/** A headless Chromium, and the pictures that it leaves as artefacts of a run. */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'

/** Git-ignored. */
const screenshots = join(import.meta.dirname, 'screenshots')

export interface Browser {
  /** A window of its own: cookies of others are not in it. */
  newWindow(): Promise<Page>
  close(): Promise<void>
}

/** As root Chromium has no sandbox of its own; and it is to speak to the lab, to nobody else. */
const options = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function startBrowser(timeoutSeconds: number): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: options })
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
