import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shorten } from '../../../scripts/insight/topology/layout.ts'
import { renderTopologyPage } from '../../../scripts/insight/topology/render-page.ts'
import { type Browser, lookAt, openBrowser, overflowOf, smallestType } from '../page/browser.ts'
import { classroom, longNames } from './classroom.ts'
import { topology } from './recording.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
}, 60_000)
afterAll(() => browser.close())

const hostile = [
  '<img src=x onerror=alert(1)>',
  'a\u202eb\nc',
  `${'이름이 아주 긴 인스턴스'.repeat(9)}`,
  'W'.repeat(200),
]
const names = [...hostile, ...longNames(16)]

describe('the page of a topology, in a real browser', () => {
  test('a class of 20 fits, and is readable on a phone', async () => {
    const { page, complaints } = await browser.open(renderTopologyPage(classroom(longNames(20))))
    await lookAt(page, 'topology', async (width) => {
      expect(await overflowOf(page), `${width}`).toBeLessThanOrEqual(0)
      expect((await smallestType(page)).pixels, `${width}`).toBeGreaterThanOrEqual(9.9)
      const [picture, box] = await page.evaluate(() => [
        document.querySelector('svg.topology')!.getBoundingClientRect().width,
        document.querySelector('.picture')!.clientWidth,
      ])
      if (width === 1440) expect(picture).toBeLessThanOrEqual(box!)
    })
    expect(complaints).toEqual([])
  })

  test('no text leaves its box or covers another, and no line crosses a title, whatever the names are', async () => {
    const { page } = await browser.open(renderTopologyPage(classroom(names)))
    const seen = await page.evaluate(() => {
      const edges = (one: Element) => one.getBoundingClientRect().toJSON() as DOMRect
      const boxes = [...document.querySelectorAll('.topology g')]
      const texts = [...document.querySelectorAll('.topology text')]
      const outside = boxes.flatMap((box) => {
        const room = edges(box.querySelector('rect')!)
        return [...box.querySelectorAll('text')]
          .filter(
            (text) =>
              edges(text).left < room.left || edges(text).right > room.right || edges(text).bottom > room.bottom,
          )
          .map((text) => text.textContent)
      })
      const over = texts.flatMap((one, index) =>
        texts
          .slice(index + 1)
          .filter((two) => {
            const [left, right] = [edges(one), edges(two)]
            const across = left.left < right.right && right.left < left.right
            // Lines of one box are close together; the letters themselves must not touch.
            return across && left.top + 3 < right.bottom && right.top + 3 < left.bottom
          })
          .map((two) => [one.textContent, two.textContent]),
      )
      const crossed = [...document.querySelectorAll<SVGPathElement>('.topology path')].flatMap((path) => {
        const matrix = path.getScreenCTM()!
        return Array.from({ length: 100 }, (_, index) =>
          path.getPointAtLength((path.getTotalLength() * index) / 99).matrixTransform(matrix),
        ).flatMap(({ x, y }) =>
          texts
            .map((text) => ({ text, at: edges(text) }))
            .filter(({ at }) => at.left < x && x < at.right && at.top < y && y < at.bottom)
            .map(({ text }) => text.textContent),
        )
      })
      return { boxes: boxes.length, outside, over, crossed }
    })
    expect(seen).toMatchObject({ outside: [], over: [], crossed: [] })
    expect(seen.boxes).toBeGreaterThan(50)
    expect(await page.locator('main img').count()).toBe(0)
  })

  test('what a pointer shows is there for the keyboard and for a finger, and is not covered', async () => {
    const { page } = await browser.open(renderTopologyPage(classroom(names)))
    await page.setViewportSize({ width: 390, height: 844 })
    const boxes = page.locator('.topology [role=button]')
    const details = page.locator('#topology-details')
    await boxes.first().focus()
    for (let index = 0; index < (await boxes.count()); index++) {
      const box = page.locator('.topology [role=button]:focus')
      expect(await details.textContent()).toBe(await box.locator('title').textContent())
      if (index % 9 === 0) {
        const [at, below] = [(await box.boundingBox())!, (await details.boundingBox())!]
        expect(at.x).toBeGreaterThanOrEqual(0)
        expect(at.x).toBeLessThan(390 - 40)
        expect(at.y + at.height).toBeLessThanOrEqual(below.y)
        expect(below.y + below.height).toBeLessThanOrEqual(844)
      }
      await page.keyboard.press('ArrowDown')
    }
    expect(await page.locator('.topology [tabindex="0"]').count()).toBe(1)
    const one = boxes.filter({ hasText: 'student-05' })
    await one.tap()
    expect(await details.textContent()).toContain(longNames(5)[4])
  })

  test('a lab of one instance is drawn with level lines', async () => {
    const { page } = await browser.open(renderTopologyPage(topology))
    await lookAt(page, 'topology-small', async () => expect(await overflowOf(page)).toBeLessThanOrEqual(0))
  })
})

test('a long name keeps both of its ends', () => {
  expect(shorten('student-05-webserver-of-the-second-exercise')).toBe('student-05-webse…d-exercise')
  expect(shorten('short')).toBe('short')
})
