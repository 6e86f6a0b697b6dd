import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { traceOf } from '../../../scripts/insight/trace/flow.ts'
import { renderMermaid } from '../../../scripts/insight/trace/render-mermaid.ts'
import { renderTracePage } from '../../../scripts/insight/trace/render-page.ts'
import { showTrace } from '../../../scripts/insight/trace/render-text.ts'
import { textSteps } from '../../../scripts/insight/trace/steps.ts'
import { type Browser, contrastOf, openBrowser } from '../page/browser.ts'
import { readRecording } from './recording.ts'

const trace = traceOf(readRecording('launch'))
const failed = traceOf(readRecording('no-valid-host'))
const html = renderTracePage(trace)

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
}, 60_000)
afterAll(() => browser.close())

describe('the page of a trace, in a real browser', () => {
  test('draws an arrow for each textbook step, without an error and without a request', async () => {
    const { page, complaints } = await browser.open(html)
    expect(await page.locator('.arrow').count()).toBe(textSteps.length)
    expect(complaints).toEqual([])
    const label = await page.locator('.arrow').nth(4).getAttribute('aria-label')
    expect(label).toMatch(/^Nova 5, [\d.]+ s, nova-conductor@controller to rabbitmq-server@controller, RPC call/)
  })

  test('a selected arrow shows its evidence, and what Zed does differently', async () => {
    const { page } = await browser.open(html)
    await page.locator('.arrow').nth(4).click()
    const panel = page.locator('#trace-evidence')
    const step = trace.steps.find(({ text_step }) => text_step === 'nova-5')!
    expect(await panel.innerText()).toContain(`controller:${step.evidence.file}:${step.evidence.line}`)
    expect(await panel.innerText()).toContain(step.evidence.text.trim().slice(0, 60))
    expect(await panel.innerText()).toContain(step.zed!.does.slice(0, 40))
  })

  test('the keyboard alone goes from arrow to arrow', async () => {
    const { page } = await browser.open(html)
    await page.locator('.arrow').first().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await page.locator('#trace-evidence h3').innerText()).toMatch(/^Nova 3: /)
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')).toMatch(/^Nova 3,/)
    await page.keyboard.press('End')
    expect(await page.locator('.arrow[aria-current=true]').count()).toBe(1)
    expect(await page.locator('.arrow[tabindex="0"]').count()).toBe(1)
  })

  test('part, service and "beyond the text" filter, and the zoom scales', async () => {
    const { page } = await browser.open(html)
    await page.selectOption('#trace-flow', 'image')
    expect(await page.locator('.arrow').count()).toBe(3)
    await page.selectOption('#trace-flow', '')
    await page.selectOption('#trace-lane', 'neutron-dhcp-agent@controller')
    const shown = await page.locator('.arrow').count()
    expect(shown).toBeGreaterThan(0)
    expect(shown).toBeLessThan(textSteps.length)
    await page.selectOption('#trace-lane', '')
    await page.locator('#trace-all').check()
    expect(await page.locator('.arrow').count()).toBe(trace.steps.length)
    const width = async () => Number(await page.locator('#trace-diagram svg').last().getAttribute('width'))
    const before = await width()
    await page.getByRole('button', { name: 'Larger' }).click()
    expect(await width()).toBeCloseTo(before * 1.25, 0)
  })

  test.each(['light', 'dark'] as const)('%s: text is readable, and the button changes it', async (scheme) => {
    const { page } = await browser.open(html, scheme)
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe(scheme)
    for (const selector of [
      'h1',
      '.facts dt',
      '.soft',
      '.arrow .step',
      '.heads text',
      'caption',
      '.kind-cache',
      '.kind-rpc-cast',
    ]) {
      expect(await contrastOf(page, selector), selector).toBeGreaterThan(4.5)
    }
    await page.locator('#theme').click()
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).not.toBe(scheme)
    for (const selector of ['h1', '.facts dt', '.arrow .step'])
      expect(await contrastOf(page, selector), selector).toBeGreaterThan(4.5)
  })

  test('without looking: headings, captions, names for every control, and all steps as a table', async () => {
    const { page } = await browser.open(html)
    expect(await page.locator('h1').count()).toBe(1)
    expect(await page.locator('table caption').count()).toBe(await page.locator('table').count())
    expect(await page.locator('details.steps tbody tr').count()).toBe(trace.steps.length)
    const nameless = await page
      .locator('button, select, input')
      .evaluateAll(
        (all) =>
          all.filter(
            (one) =>
              !(one.getAttribute('aria-label') || one.textContent?.trim() || one.closest('label')?.textContent?.trim()),
          ).length,
      )
    expect(nameless).toBe(0)
  })

  test('a launch that failed says where it stopped, and which steps were not seen', async () => {
    const { page, complaints } = await browser.open(renderTracePage(failed))
    expect(await page.locator('.notice').innerText()).toMatch(/After Nova 6[\s\S]*No valid host/)
    expect(await page.getByText('the launch did not get this far').count()).toBeGreaterThan(10)
    expect(complaints).toEqual([])
  })

  test('text from the lab is shown as text, whatever it contains', async () => {
    const steps = trace.steps.map((step) => ({
      ...step,
      what: '<img src=x onerror=alert(1)></script><b>',
      evidence: { ...step.evidence, text: '</script><script>document.title="taken"</script>' },
    }))
    const { page } = await browser.open(renderTracePage({ ...trace, steps }))
    await page.locator('.arrow').first().click()
    expect(await page.title()).not.toBe('taken')
    expect(await page.locator('main img').count()).toBe(0)
  })
})

describe('the other forms', () => {
  test('Mermaid: every party is declared once and every arrow joins declared ones; a cast has its own head', () => {
    const lines = renderMermaid(trace).trim().split('\n')
    expect(lines[0]).toBe('sequenceDiagram')
    const declared = lines.flatMap((line) => /^ {2}participant (p\d+) as /.exec(line)?.[1] ?? [])
    const arrows = lines.flatMap((line) => (/^ {2}(p\d+)(->>|-\)|-->>)(p\d+): (.+)$/.exec(line) ? [line] : []))
    expect(new Set(declared).size).toBe(declared.length)
    expect(arrows.length).toBe(textSteps.length)
    for (const arrow of arrows)
      for (const party of arrow.match(/p\d+(?=->>|-\)|-->>|:)/g) ?? []) expect(declared).toContain(party)
    expect(arrows.find((line) => line.includes('Nova 8'))).toMatch(/p\d+-\)p\d+/)
    expect(lines.slice(1).every((line) => !line.includes(';') || /#\d+;/.test(line))).toBe(true)
  })

  test('text: each step with its time, its evidence by node, file and line, and what was not seen with the reason', () => {
    const text = showTrace(trace)
    for (const { evidence } of trace.steps.filter(({ text_step }) => text_step)) {
      expect(text).toContain(`${evidence.node}:${evidence.file}:${evidence.line}`)
    }
    expect(text).toContain('All textbook steps were seen.')
    expect(showTrace(failed)).toMatch(/it stopped after Nova 6: the instance is ERROR/)
    expect(showTrace(failed)).toMatch(/Network 1 .*the launch did not get this far/)
  })
})
