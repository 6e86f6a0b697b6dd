/** Horizon's pages of a self-service lab: the network topology with its router, the router, and the floating IP. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Copy } from '../harness/copy.ts'
import { serve } from '../harness/serve.ts'
import { type Browser, startBrowser, takePicture } from './chromium.ts'
import { type Dashboard, signIn, visit } from './dashboard.ts'

const url = 'http://127.0.0.1:8080/horizon'

/** As the user demo, whose project has the network, the router and the instance. `scale`: as for all browser tests. */
export function routerPageTests(lab: () => Copy, scale: number): void {
  describe('routers in a browser', () => {
    let browser: Browser
    let open: Awaited<ReturnType<typeof serve>>
    let demo: Dashboard

    beforeAll(async () => {
      const secrets = parse(await readFile(join(lab().root, 'ansible-vars/secrets.yml'), 'utf8'))
      open = await serve(lab(), /Press Ctrl-C to stop/, 'open', '--no-browser')
      browser = await startBrowser(30 * scale)
      demo = { page: await browser.newWindow(), url }
      expect(await signIn(demo, 'demo', secrets.demo_password)).toBe('')
    })

    afterAll(async () => {
      await browser?.close()
      open?.child.kill('SIGINT')
      await open?.child
    })

    test('the network topology draws the router between the provider network and the project network', async () => {
      await visit(demo, '/project/network_topology/?tab=topology_tabs__graph')
      await demo.page.click('#toggle_labels_label')
      const labels = demo.page.locator('#topologyCanvasContainer text.nodeLabel')
      for (const name of ['router', 'selfservice', 'provider', 'test-project']) {
        await labels.getByText(name, { exact: true }).first().waitFor()
      }
      await takePicture(demo.page, 'routers-topology')
    })

    test('the router is ACTIVE, with a gateway on the provider network and an interface in the project network', async () => {
      await visit(demo, '/project/routers/')
      const row = demo.page.locator('#routers tbody tr').first()
      expect(await row.innerText()).toMatch(/router\s+Active\s+.*provider/s)
      const path = await row.locator('a[href*="/project/routers/"]').first().getAttribute('href')
      await demo.page.goto(new URL(path!, url).href)
      expect(await demo.page.locator('#router_details__overview').innerText()).toMatch(/203\.0\.113\.\d+/)
      await demo.page.goto(new URL(`${path}?tab=router_details__interfaces`, url).href)
      expect(await demo.page.locator('#interfaces').innerText()).toContain('172.16.1.1')
      await takePicture(demo.page, 'routers-interfaces')
    })

    test('the floating IP is shown with the instance that it leads to', async () => {
      await visit(demo, '/project/floating_ips/')
      expect(await demo.page.locator('#floating_ips').innerText()).toMatch(
        /203\.0\.113\.\d+\s+.*test-project 172\.16\.1\.\d+/s,
      )
      await takePicture(demo.page, 'routers-floating-ips')
    })
  })
}
