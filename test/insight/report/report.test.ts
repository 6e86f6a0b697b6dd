import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planLab } from '../../../scripts/insight/plan/lab-plan.ts'
import { drawPlan } from '../../../scripts/insight/plan/svg.ts'
import { criticalPath } from '../../../scripts/insight/report/critical-path.ts'
import {
  missingSection,
  planSection,
  renderReport,
  textSection,
  verifySection,
} from '../../../scripts/insight/report/report-page.ts'
import { timelineSection } from '../../../scripts/insight/report/timeline.ts'
import { traceOf } from '../../../scripts/insight/trace/flow.ts'
import { traceSection } from '../../../scripts/insight/trace/render-page.ts'
import type { TimedStep, Timings } from '../../../scripts/run/progress/timings.ts'
import { fixtureLab, fixtureSecrets } from '../../fixtures/lab.ts'
import { type Browser, contrastOf, lookAt, openBrowser, overflowOf, smallestType } from '../page/browser.ts'
import { readRecording } from '../trace/recording.ts'

const step = (stack: string, name: string, start: number, end: number): TimedStep => ({
  stack,
  name,
  start,
  end,
  outcome: 'done',
})

/** keystone waits for mariadb; glance for keystone; rabbitmq for nobody. */
const needs: Record<string, string[]> = {
  mariadb: [],
  rabbitmq: [],
  keystone: ['mariadb'],
  glance: ['keystone'],
  nova: ['glance', 'rabbitmq'],
}
const needsOf = (name: string) => needs[name]

const steps = [
  step('nodes', 'controller', 0, 8000),
  step('services', 'whole', 8000, 60_000),
  step('services', 'mariadb', 8100, 12_000),
  step('services', 'rabbitmq', 8100, 30_000),
  step('services', 'keystone', 12_100, 29_900),
  step('services', 'glance', 29_950, 45_000),
  step('services', 'nova', 45_100, 60_000),
]

const names = (list: TimedStep[]) => list.map(({ name }) => name)

describe('the critical path', () => {
  test('follows what a service needs, not what happened to end at the same time', () => {
    expect(names(criticalPath(steps, needsOf))).toEqual(['controller', 'mariadb', 'keystone', 'glance', 'nova'])
  })

  test('is a chain from the start to the last end, in which nothing starts before its predecessor ended', () => {
    const timed = fc.record({ start: fc.nat(10_000), took: fc.integer({ min: 1, max: 5000 }) })
    fc.assert(
      fc.property(fc.array(timed, { maxLength: 30 }), (list) => {
        const all = list.map(({ start, took }, index) => step('services', `s${index}`, start, start + took))
        const path = criticalPath(all, () => undefined)
        if (!all.length) {
          expect(path).toEqual([])
          return
        }
        expect(path.at(-1)?.end).toBe(Math.max(...all.map(({ end }) => end)))
        for (const [index, one] of path.entries()) {
          if (index) expect(path[index - 1]!.end).toBeLessThanOrEqual(one.start + 250)
        }
        const first = path[0]!
        expect(all.filter(({ start, end }) => end <= first.start + 250 && start < first.start)).toEqual([])
      }),
    )
  })
})

const timings: Timings = {
  begun: '2026-11-24T06:00:00.000Z',
  ended: '2026-11-24T06:01:00.000Z',
  outcome: 'done',
  hypervisor: 'lxc',
  machine: { cpus: 2, processor: 'a processor', memoryMiB: 24_000 },
  steps,
}

const observations = [
  { what: 'instance test ACTIVE', ok: true, seen: 'ACTIVE', next: '' },
  { what: 'Horizon logs in', ok: false, seen: '<b>500</b>', next: './lab logs horizon' },
]

const plan = planLab(fixtureLab('kvm'), fixtureSecrets, true)

const report = renderReport({ name: 'duostack', id: '1a2b3c4d' }, '2026-11-24T06:02:00.000Z', [
  verifySection({ at: '2026-11-24T06:01:30.000Z', observations }),
  planSection('nodes\n  controller', drawPlan(plan)),
  timelineSection(timings, needsOf, 'The last ./lab up of this checkout'),
  traceSection(traceOf(readRecording('launch'))),
  missingSection('topology', 'Topology', 'controller: no connection'),
  textSection('machine', 'Machine and versions', '2 processors'),
])

describe('the report, in a real browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  }, 60_000)
  afterAll(() => browser.close())

  test.each(['light', 'dark'] as const)(
    '%s: every part exists and its link works, nothing is requested from outside',
    async (scheme) => {
      const { page, complaints } = await browser.open(report, scheme)
      const links = page.locator('nav a')
      expect(await links.count()).toBe(6)
      for (const href of await links.evaluateAll((all) => all.map((one) => one.getAttribute('href')))) {
        expect(await page.locator(`section${href}`).count()).toBe(1)
      }
      const ids = await page.locator('[id]').evaluateAll((all) => all.map(({ id }) => id))
      expect(new Set(ids).size).toBe(ids.length)
      expect(complaints).toEqual([])
      for (const selector of ['.timeline .step', '.timeline .took', '.mark', '.good', '.bad', 'nav a'])
        expect(await contrastOf(page, selector), selector).toBeGreaterThan(4.5)
    },
  )

  test('opens with the verdict and a picture; no text is cut or too small, whatever the window', async () => {
    const { page } = await browser.open(report)
    await lookAt(page, 'report', async (width) => {
      expect(await overflowOf(page), `${width}`).toBeLessThanOrEqual(0)
      expect((await smallestType(page)).pixels, `${width}`).toBeGreaterThanOrEqual(9.9)
      const verdict = await page.locator('.verdict').boundingBox()
      expect(verdict!.y + verdict!.height, `${width}`).toBeLessThan(844)
      const cut = await page
        .locator('.timeline .step, .timeline .took')
        .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent))
      expect(cut, `${width}`).toEqual([])
      for (const selector of ['#plan text', '#plan [fill="#d97706"]', '#plan [fill="#2563eb"]'])
        expect(await contrastOf(page, selector), selector).toBeGreaterThan(4.5)
    })
    expect(await page.locator('#plan pre').isVisible()).toBe(false)
    await page.getByText('The plan as text').click()
    expect(await page.locator('#plan pre').innerText()).toContain('controller')
  })

  test("a plan's names are words in the picture", async () => {
    const picture = drawPlan({ ...plan, name: '<script>document.title="taken"</script>\u202e' })
    const { page } = await browser.open(renderReport({ name: 'a', id: 'b' }, 'now', [planSection('', picture)]))
    expect(await page.title()).not.toBe('taken')
    expect(await page.locator('#plan text').first().textContent()).toMatch(/^<script>.*\\u202e/)
  })

  test('the timeline marks the critical path, in the picture and in words', async () => {
    const { page } = await browser.open(report)
    expect(await page.locator('#timeline .critical').count()).toBe(5)
    expect(await page.locator('.timeline li .step').count()).toBe(6)
    expect(await page.locator('#timeline').innerText()).toContain('controller → mariadb → keystone → glance → nova')
  })

  test('failures say where to look, and text is shown as text', async () => {
    const { page } = await browser.open(report)
    const text = await page.locator('#verify').innerText()
    expect(text).toMatch(/^Verification\s+✗ 1 of 2 checks failed/)
    expect(text).toContain('<b>500</b>')
    expect(text).toContain('./lab logs horizon')
    expect(await page.locator('#topology').innerText()).toContain('Not shown: controller: no connection')
  })

  test('a lab without timings says that there are none', async () => {
    const page = renderReport({ name: 'a', id: 'b' }, 'now', [timelineSection(undefined, needsOf, '')])
    expect(page).toContain('Not known: no <code>./lab up</code>')
  })
})
