/** The live page of a running lab in Chromium, while an instance is launched. */

import { readdir, readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Copy } from '../harness/copy.ts'
import { serve } from '../harness/serve.ts'
import { type Browser, startBrowser, takePicture } from './chromium.ts'

/** The arguments of every process of this machine. */
async function readArguments(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const read = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
  return (await Promise.all(read)).join('\n')
}

/** `scale`: how much slower than native the nodes are. */
export function liveTests(lab: () => Copy, scale: number): void {
  describe('the live page', () => {
    let browser: Browser
    let open: Awaited<ReturnType<typeof serve>>
    let page: Page
    let address = ''
    const name = 'live-launch'

    beforeAll(async () => {
      open = await serve(lab(), /works once/, 'open', '--live', '--no-browser')
      address = /http:\S+token=\S+/.exec(open.output)?.[0] ?? ''
      browser = await startBrowser(60 * scale)
      page = await browser.newWindow()
      await page.goto(address)
    })

    afterAll(async () => {
      await browser?.close()
      open?.child.kill('SIGINT')
      await open?.child
      await lab().run('./lab', 'openstack', 'server', 'delete', '--wait', name)
    })

    test('is opened once; the token is in no argument and not in the address that the browser shows', async () => {
      await page.locator('#picture .item').first().waitFor()
      const token = new URL(address).searchParams.get('token') ?? ''
      expect(token).toMatch(/^[\w-]{43}$/)
      expect(page.url()).not.toContain('token')
      expect(await readArguments()).not.toContain(token)
      expect((await fetch(address, { redirect: 'manual' })).status).toBe(403)
    })

    test('shows nodes, traffic and health', async () => {
      expect(await page.locator('#picture .machine').count()).toBeGreaterThan(2)
      const rate = page.locator('#picture .head ~ .rate').first()
      await expect.poll(() => rate.textContent(), { timeout: 60_000 * scale }).toMatch(/^↓\d/)
      await expect.poll(() => page.locator('#health').innerText(), { timeout: 60_000 * scale }).toBe('healthy')
    })

    test('draws the arrows of a launch while the instance is built, and says that it is ACTIVE', async () => {
      // The recorder must be there: it starts once the topology is known.
      await expect
        .poll(() => lab().run('./lab', 'ssh', 'controller', 'systemctl is-active duostack-trace-live-*'), {
          timeout: 60_000 * scale,
          interval: 2000,
        })
        .toMatchObject({ exitCode: 0 })
      const wish = ['--image', 'duostack-test', '--flavor', 'm1.nano', '--network', 'provider']
      const created = lab().run('./lab', 'openstack', 'server', 'create', ...wish, name)
      const arrows = page.locator('#trace-diagram .arrow')
      await arrows.nth(5).waitFor()
      await takePicture(page, 'live-during-launch')
      expect((await created).exitCode).toBe(0)
      const state = page.locator('#launch-state')
      const timeout = 120_000 * scale
      await expect.poll(() => state.innerText(), { timeout }).toMatch(/live-launch: ACTIVE on \w+, \d+ of 32/)
      await expect.poll(() => arrows.count(), { timeout: 30_000 * scale }).toBeGreaterThan(15)
      await page.locator(`#picture [aria-label^="instance ${name}"]`).waitFor({ timeout })
      await takePicture(page, 'live-after-launch')
    })

    test('shows logs and the console of the instance', async () => {
      await page.locator(`#picture [aria-label^="instance ${name}"]`).click()
      await page.getByRole('button', { name: 'Logs', exact: true }).click()
      await page.locator('.answer .line').first().waitFor()
      await page.getByRole('button', { name: 'Console' }).click()
      const link = page.locator('.answer a')
      expect(await link.getAttribute('href')).toMatch(/^http:\/\/127\.0\.0\.1:6080\/vnc_lite\.html\?path=/)
    })

    test('Ctrl-C ends it, and nothing is left on the nodes', async () => {
      open.child.kill('SIGINT')
      expect((await open.child).exitCode).toBe(0)
      for (const node of ['controller', 'compute1']) {
        const left = 'systemctl list-units --no-legend "duostack-trace-live-*"; pgrep -f "[w]atch.*trace-live-" || true'
        expect((await lab().run('./lab', 'ssh', node, left)).stdout).toBe('')
      }
    })
  })
}
