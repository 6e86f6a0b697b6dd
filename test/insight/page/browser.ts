/** A real browser for pages on disk: without a network, reporting every request and error. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { chromiumOptions } from '../../fixtures/chromium.ts'

export interface Opened {
  page: Page
  /** Errors of the page's scripts, and requests to anywhere but the file. */
  complaints: string[]
}

export interface Browser {
  open(html: string, scheme?: 'light' | 'dark'): Promise<Opened>
  close(): Promise<void>
}

export async function openBrowser(): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), 'duostack-browser-'))
  const context: BrowserContext = await chromium.launchPersistentContext(join(folder, 'profile'), {
    ...chromiumOptions,
    viewport: { width: 1400, height: 900 },
    offline: true,
    hasTouch: true,
  })
  let count = 0
  return {
    async open(html, scheme = 'light') {
      const file = join(folder, `page${count++}.html`)
      await writeFile(file, html)
      const page = await context.newPage()
      await page.emulateMedia({ colorScheme: scheme })
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
      page.on('request', (request) => !/^(file|data):/.test(request.url()) && complaints.push(request.url()))
      await page.goto(`file://${file}`)
      return { page, complaints }
    },
    async close() {
      await context.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** WCAG's contrast of a text with the first background behind it that is not transparent. */
export async function contrastOf(page: Page, selector: string): Promise<number> {
  return page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const rgb = (text: string) => (text.match(/[\d.]+/g) ?? []).map(Number)
      const light = ([r = 0, g = 0, b = 0]: number[]) => {
        const [x = 0, y = 0, z = 0] = [r, g, b].map((value) =>
          value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
        )
        return 0.2126 * x + 0.7152 * y + 0.0722 * z
      }
      let ground: Element | null = element
      while (ground && (rgb(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = ground.parentElement
      const style = getComputedStyle(element)
      const ink = light(rgb(element instanceof SVGElement ? style.fill : style.color))
      const paper = light(rgb(getComputedStyle(ground ?? document.body).backgroundColor))
      return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)
    })
}

const widths = [1440, 1024, 390] as const

/** Git-ignored, unless another folder is given. */
const pictures = process.env['DUOSTACK_SCREENSHOTS'] ?? join(import.meta.dirname, 'screenshots')

/** Each width in both schemes: pictures of the whole page, as artefacts of a run. */
export async function lookAt(page: Page, name: string, see: (width: number) => Promise<void>): Promise<void> {
  await mkdir(pictures, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const width of widths) {
      await page.setViewportSize({ width, height: width < 500 ? 844 : 900 })
      await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true })
      await see(width)
    }
  }
}

/** How far the page itself, without parts that scroll separately, exceeds the window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)

/** The smallest font size shown, in screen pixels; for a picture, after it is scaled down. */
export const smallestType = (page: Page): Promise<{ pixels: number; text: string }> =>
  page.evaluate(() => {
    const shown = [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility())
    const own = (one: Element) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim())
    const sizes = shown.filter(own).map((one) => {
      const scale = one instanceof SVGGraphicsElement ? (one.getScreenCTM()?.a ?? 1) : 1
      return { pixels: Number.parseFloat(getComputedStyle(one).fontSize) * scale, text: one.textContent ?? '' }
    })
    const images = [...document.images].map((one) => ({
      pixels: (10 * one.clientWidth) / one.naturalWidth,
      text: one.alt,
    }))
    return [...sizes, ...images].sort((left, right) => left.pixels - right.pixels)[0]!
  })
