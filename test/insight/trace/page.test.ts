import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drills } from '../../../scripts/insight/trace/drills.ts'
import { traceOf } from '../../../scripts/insight/trace/flow.ts'
import { showKept } from '../../../scripts/insight/trace/launch-objects.ts'
import { renderMermaid } from '../../../scripts/insight/trace/render-mermaid.ts'
import { renderTracePage } from '../../../scripts/insight/trace/render-page.ts'
import { showTrace } from '../../../scripts/insight/trace/render-text.ts'
import { textSteps } from '../../../scripts/insight/trace/steps.ts'
import { type Browser, contrastOf, lookAt, openBrowser, overflowOf, smallestType } from '../page/browser.ts'
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
    const step = trace.steps.find(({ textStep }) => textStep === 'nova-5')!
    expect(await panel.innerText()).toContain(`controller:${step.evidence.file}:${step.evidence.line}`)
    expect(await panel.innerText()).toContain(step.evidence.text.trim().slice(0, 60))
    expect(await panel.innerText()).toContain(step.zed!.does.slice(0, 40))
  })

  test('the keyboard alone goes from arrow to arrow', async () => {
    const { page } = await browser.open(html)
    await page.locator('.arrow').first().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await page.locator('#trace-evidence h3').innerText()).toBe(
      'Nova 3: nova-api@controller → keystone@controller',
    )
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')).toMatch(/^Nova 3,/)
    await page.keyboard.press('End')
    expect(await page.locator('.arrow[aria-current=true]').count()).toBe(1)
    expect(await page.locator('.arrow[tabindex="0"]').count()).toBe(1)
  })

  test('fits a window of 1440 pixels, and on a phone it is a part that scrolls, in type that can be read', async () => {
    for (const [name, one] of Object.entries({ trace, 'trace-failed': failed })) {
      const { page } = await browser.open(renderTracePage(one))
      await lookAt(page, name, async (width) => {
        expect(await overflowOf(page), `${name} ${width}`).toBeLessThanOrEqual(0)
        expect((await smallestType(page)).pixels, `${name} ${width}`).toBeGreaterThanOrEqual(9.9)
        const [inside, drawn] = await page
          .locator('#trace-diagram')
          .evaluate((box) => [box.clientWidth, box.scrollWidth])
        if (width === 1440) expect(drawn).toBeLessThanOrEqual(inside!)
      })
    }
  })

  test('no words leave the diagram or their lane', async () => {
    const { page } = await browser.open(html)
    await page.locator('#trace-all').check()
    const outside = await page.evaluate(() => {
      const edges = (one: Element) => one.getBoundingClientRect()
      const body = edges(document.querySelector('#trace-diagram > svg')!)
      const labels = [...document.querySelectorAll('.arrow text')].filter(
        (text) => edges(text).left < body.left || edges(text).right > body.right,
      )
      const units = [...document.querySelectorAll('.unit')].map(edges)
      const over = units.filter((one) =>
        units.some(
          (two) =>
            two !== one && two.left < one.right && one.left < two.left && two.top < one.bottom && one.top < two.bottom,
        ),
      )
      return { labels: labels.map((one) => one.textContent), over: over.length }
    })
    expect(outside).toEqual({ labels: [], over: 0 })
  })

  test.each([1440, 1024, 390])('at %i pixels the arrow keys bring each arrow into sight', async (width) => {
    const { page } = await browser.open(html)
    await page.setViewportSize({ width, height: 844 })
    await page.locator('.arrow').first().focus()
    for (let index = 1; index < textSteps.length; index++) {
      await page.keyboard.press('ArrowDown')
      const seen = await page.evaluate(() => {
        const box = document.getElementById('trace-diagram')!
        const [room, shaft] = [
          box.getBoundingClientRect(),
          document.querySelector('[aria-current] .shaft')!.getBoundingClientRect(),
        ]
        const heads = document.querySelector('.heads')!.getBoundingClientRect()
        const isLong = shaft.width > box.clientWidth
        return (
          shaft.top > heads.bottom &&
          shaft.bottom < Math.min(room.bottom, innerHeight) &&
          shaft.left >= room.left &&
          (isLong || shaft.right <= room.left + box.clientWidth)
        )
      })
      expect(seen, `arrow ${index}`).toBe(true)
    }
  })

  test('the heading says who really did it, and the textbook is quoted as such', async () => {
    const { page } = await browser.open(html)
    const panel = page.locator('#trace-evidence')
    // No empty details: the first arrow is selected.
    expect(await panel.locator('h3').innerText()).toBe('Nova 1: client@host → keystone@controller')
    await page.locator('.arrow').nth(4).click()
    expect(await panel.locator('h3').innerText()).toBe('Nova 5: nova-conductor@controller → rabbitmq-server@controller')
    expect(await panel.innerText()).toContain('textbook, Nova 5: nova-api asks nova-scheduler for a host')
    expect(await page.locator('.facts').innerText()).toContain("OpenStack's training guides")
  })

  test('a filter leaves no lane without an arrow, and offers no service that has none', async () => {
    const { page } = await browser.open(html)
    for (const flow of ['nova', 'network', 'image', 'volume']) {
      await page.selectOption('#trace-flow', flow)
      const options = page.locator('#trace-lane option')
      for (const value of await options.evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value))) {
        await page.selectOption('#trace-lane', value)
        expect(await page.locator('.arrow').count(), `${flow} ${value}`).toBeGreaterThan(0)
        const idle = await page.evaluate(() => {
          const arrows = [...document.querySelectorAll('.arrow .shaft')].map((one) => one.getBoundingClientRect())
          return [...document.querySelectorAll('.life')]
            .map((one) => one.getBoundingClientRect().x)
            .filter((x) => !arrows.some(({ left, right }) => Math.abs(left - x) < 4 || Math.abs(right - x) < 4)).length
        })
        expect(idle, `${flow} ${value}`).toBe(0)
      }
      await page.selectOption('#trace-lane', '')
    }
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
    for (const { evidence } of trace.steps.filter(({ textStep }) => textStep)) {
      expect(text).toContain(`${evidence.node}:${evidence.file}:${evidence.line}`)
    }
    expect(text).toContain('All textbook steps were seen.')
    expect(text).toContain('textbook: nova-api asks nova-scheduler for a host')
    expect(text.indexOf('select_destinations')).toBeLessThan(text.indexOf('textbook: nova-api asks nova-scheduler'))
    expect(showTrace(failed)).toMatch(/it stopped after Nova 6: the instance is ERROR/)
    expect(showTrace(failed)).toMatch(/the launch did not get this far:\n[\s\S]* {4}Network 1 /)
  })

  test('the lesson of a drill is part of every form that is read, so that it is not lost with `> file`', () => {
    const { lesson } = drills['no-valid-host']
    expect(failed.drill).toBe('no-valid-host')
    expect(showTrace(failed)).toContain(`lesson: ${lesson}`)
    expect(renderTracePage(failed)).toContain(lesson)
    expect(renderMermaid(failed)).toContain('lesson: nova-api has already answered 202')
    expect(showTrace(trace)).not.toContain('lesson:')
  })

  test('what --keep leaves in the cloud is named, with the commands that remove it', () => {
    const lines = showKept('trace-launch-1a2b3c4d', { server: true, volume: 'an id' }).split('\n')
    expect(lines[0]).toContain('server, volume, image, flavor')
    expect(lines.slice(1).map((line) => line.trim())).toEqual([
      './lab openstack server delete --wait trace-launch-1a2b3c4d',
      './lab openstack volume delete trace-launch-1a2b3c4d',
      './lab openstack image delete trace-launch-1a2b3c4d',
      './lab openstack flavor delete trace-launch-1a2b3c4d',
    ])
    expect(showKept('x', { server: false })).not.toContain('server')
  })
})
