/** Dashboard and consoles of a running lab, as a person uses them in a browser. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { serve } from '../harness/serve.ts'
import { type Browser, startBrowser, takePicture } from './chromium.ts'
import { type Dashboard, deleteInstance, idOf, launchInstance, signIn, visit, waitForStatus } from './dashboard.ts'
import { readColours, typeOnScreen, waitForScreen } from './screen.ts'

const pages = {
  overview: ['/project/', 'Instance Overview'],
  instances: ['/project/instances/', 'Instances'],
  topology: ['/project/network_topology/', 'Network Topology'],
  volumes: ['/project/volumes/', 'Volumes'],
} as const

/** The instance's own console log, as the cloud returns it for `cloud`. */
async function consoleLog(copy: Copy, cloud: string, server: string): Promise<string> {
  return String((await copy.run('./lab', 'openstack', '--os-cloud', cloud, 'console', 'log', 'show', server)).stdout)
}

/** The shell of the test image waits for Enter on its screen; what it prints appears in the console log. */
async function sayOnScreen(copy: Copy, page: Page, cloud: string, server: string, scale: number): Promise<void> {
  const frame = await waitForScreen(page, 30 * scale)
  const word = `typed-${Math.random().toString(36).slice(2, 8)}`
  await expect
    .poll(() => readColours(frame).then((counts) => counts.length), { timeout: 30_000 * scale })
    .toBeGreaterThan(1)
  await typeOnScreen(page, frame, ['', 'tee /dev/ttyS0', word])
  await expect.poll(() => consoleLog(copy, cloud, server), { timeout: 30_000 * scale, interval: 1000 }).toContain(word)
}

/** `scale`: how much slower than native the nodes are. */
export function browserTests(lab: () => Copy, scale: number): void {
  describe('in a browser', () => {
    let browser: Browser
    let open: Awaited<ReturnType<typeof serve>>
    let secrets: Record<string, string>
    let demo: Dashboard
    const url = 'http://127.0.0.1:8080/horizon'
    // On emulated nodes a page takes half a minute: one sign-in and one console are enough there.
    const whereQuick = test.runIf(scale === 1)

    beforeAll(async () => {
      secrets = parse(await readFile(join(lab().root, 'ansible-vars/secrets.yml'), 'utf8'))
      open = await serve(lab(), /Press Ctrl-C to stop/, 'open', '--no-browser')
      browser = await startBrowser(30 * scale)
      demo = { page: await browser.newWindow(), url }
    })

    afterAll(async () => {
      await browser?.close()
      open?.child.kill('SIGINT')
      await open?.child
    })

    test('open names the address, the users and where the passwords are, but no password', () => {
      expect(open.output).toContain(url)
      expect(open.output).toContain('demo_password in ansible-vars/secrets.yml')
      for (const secret of Object.values(secrets)) expect(open.output).not.toContain(secret)
    })

    test('a wrong password is refused', async () => {
      expect(await signIn(demo, 'demo', 'not-the-password')).toContain('Invalid credentials')
      await expect(visit(demo, '/project/')).rejects.toThrow('/auth/login/')
    })

    test('the admin sees overview, instances, network topology and volumes', async () => {
      const admin = { page: await browser.newWindow(), url }
      expect(await signIn(admin, 'admin', secrets['admin_password']!)).toBe('')
      await seePages(admin, 'admin')
      await visit(admin, '/project/instances/')
      expect(await admin.page.locator('#instances').innerText()).toContain('test')
      await admin.page.context().close()
    })

    whereQuick('so does the demo user, in its own project', async () => {
      expect(await signIn(demo, 'demo', secrets['demo_password']!)).toBe('')
      await seePages(demo, 'demo')
      await visit(demo, '/project/instances/')
      expect(await demo.page.locator('#instances').innerText()).toContain('No items to display')
    })

    whereQuick(
      "no password is shown, a new one is not short, and for another user's the own one is asked",
      async () => {
        const admin = { page: await browser.newWindow(), url }
        await signIn(admin, 'admin', secrets['admin_password']!)
        const user = await openstack<{ id: string }>(lab(), 'user', 'show', 'demo')
        await visit(admin, `/identity/users/${user.id}/change_password/`)
        expect(await admin.page.locator('#id_admin_password').count()).toBe(1)
        await visit(admin, '/settings/password/')
        expect(await admin.page.locator('.form-group .fa-eye, .form-group .fa-eye-slash').count()).toBe(0)
        await admin.page.fill('#id_current_password', 'not-this-one')
        for (const field of ['new', 'confirm']) await admin.page.fill(`#id_${field}_password`, 'short')
        await Promise.all([admin.page.waitForEvent('load'), admin.page.click('form [type=submit]')])
        expect(await admin.page.locator('form').allInnerTexts()).toContainEqual(expect.stringContaining('8 characters'))
        await admin.page.context().close()
      },
    )

    whereQuick('the session holds over 50 page loads', async () => {
      const paths = Object.values(pages).map(([path]) => path)
      for (let load = 0; load < 50; load++) {
        expect((await visit(demo, paths[load % paths.length]!)).user).toBe('demo')
      }
    })

    whereQuick(
      'the demo user launches an instance in the wizard, sees it ACTIVE, types on its console and deletes it',
      async () => {
        const wish = { name: 'from-browser', image: 'duostack-test', flavor: 'm1.nano', network: 'provider' }
        await launchInstance(demo, wish, () => takePicture(demo.page, 'launch-wizard'))
        await waitForStatus(demo, wish.name, 'Active', 120 * scale)
        await takePicture(demo.page, 'instance-active')
        const id = await idOf(demo, wish.name)
        await expect
          .poll(() => consoleLog(lab(), 'demo', id), { timeout: 60_000 * scale, interval: 1000 })
          .toContain('duostack-test: up')
        await visit(demo, `/project/instances/${id}/?tab=instance_details__console`)
        await demo.page.locator('iframe#console_embed').waitFor()
        await sayOnScreen(lab(), demo.page, 'demo', id, scale)
        await takePicture(demo.page, 'console-in-dashboard')
        await deleteInstance(demo, wish.name, 60 * scale)
        const left = await lab().run('./lab', 'openstack', '--os-cloud', 'demo', 'server', 'list', '-f', 'value')
        expect(left.stdout).toBe('')
      },
    )

    test('while open runs, ./lab console only prints a URL', async () => {
      const console = await lab().run('./lab', 'console', 'test', '--no-browser')
      expect(console.exitCode).toBe(0)
      expect(console.stdout).toMatch(/^http:\/\/127\.0\.0\.1:6080\/vnc_lite\.html\?path=\S+$/)
      expect(console.all).toContain('reached through ./lab open')
    })

    test('Ctrl-C ends open with success and frees its ports', async () => {
      open.child.kill('SIGINT')
      expect((await open.child).exitCode).toBe(0)
      await expect(fetch(url)).rejects.toThrow()
    })

    test('without open, ./lab console shows the screen of the instance and accepts keys', async () => {
      const console = await serve(lab(), /^http.*\n.*Ctrl-C/m, 'console', 'test', '--no-browser')
      const page = await browser.newWindow()
      const opened = page.waitForEvent('websocket')
      await page.goto(/^http\S+/m.exec(console.output)![0])
      await (await opened).waitForEvent('framereceived')
      await sayOnScreen(lab(), page, 'duostack', 'test', scale)
      await takePicture(page, 'console')
      await page.context().close()
      const stopped = performance.now()
      console.child.kill('SIGINT')
      expect((await console.child).exitCode).toBe(0)
      expect(performance.now() - stopped).toBeLessThan(10_000)
    })

    async function seePages(dashboard: Dashboard, user: string): Promise<void> {
      for (const [name, [path, title]] of Object.entries(pages)) {
        expect(await visit(dashboard, path)).toEqual({ title: `${title} - OpenStack Dashboard`, user })
        await dashboard.page.waitForLoadState('networkidle')
        await takePicture(dashboard.page, `${user}-${name}`)
      }
    }
  })
}
