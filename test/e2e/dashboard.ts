/** Horizon as a person uses it: what is clicked and filled in, and what the page then shows. */

import type { Page } from 'playwright-core'

export interface Dashboard {
  page: Page
  /** `http://127.0.0.1:8080/horizon` */
  url: string
}

/** Fills in the form and sends it; returns the error that the page then shows, empty if the login succeeded. */
export async function signIn({ page, url }: Dashboard, user: string, password: string): Promise<string> {
  await page.goto(`${url}/auth/login/`)
  await page.fill('#id_username', user)
  await page.fill('#id_password', password)
  await Promise.all([page.waitForEvent('load'), page.click('#loginBtn')])
  if (!page.url().includes('/auth/login')) return ''
  return (await page.locator('form .help-block, form .alert').allInnerTexts()).join(' ').trim()
}

/** What a reader sees of one page of the project: its title, and whose session it is. */
export async function visit({ page, url }: Dashboard, path: string): Promise<{ title: string; user: string }> {
  const answer = await page.goto(`${url}${path}`, { waitUntil: 'domcontentloaded' })
  if (answer?.status() !== 200 || page.url().includes('/auth/login')) {
    throw new Error(`${path} answers ${answer?.status()} at ${page.url()}`)
  }
  const user = (await page.locator('#profile_editor_switcher, .user-name').first().innerText()).trim()
  return { title: await page.title(), user }
}

const row = (page: Page, text: string) => page.locator('tr:visible', { hasText: text })

/** In one step of the wizard: selects an item from "Available", unless it is already selected. */
async function allocate(page: Page, step: string, item: string): Promise<void> {
  await page.locator('.wizard-nav .nav-item, .wizard-nav a').filter({ hasText: step }).first().click()
  const found = row(page, item).locator('button.fa-arrow-up, button.fa-arrow-down').first()
  await found.waitFor()
  if (await found.evaluate((button) => button.classList.contains('fa-arrow-up'))) await found.click()
  await row(page, item).locator('button.fa-arrow-down').first().waitFor()
}

export interface Wish {
  name: string
  image: string
  flavor: string
  network: string
}

/** Project -> Compute -> Instances -> Launch Instance. */
export async function launchInstance(dashboard: Dashboard, wish: Wish, onForm: () => Promise<void>): Promise<void> {
  const { page } = dashboard
  await visit(dashboard, '/project/instances/')
  await page.click('#instances__action_launch-ng')
  await page.fill('input#name[name=name]', wish.name)
  await allocate(page, 'Source', wish.image)
  await allocate(page, 'Flavor', wish.flavor)
  await allocate(page, 'Networks', wish.network)
  await onForm()
  await page.click('.modal-content button.finish')
  await page.locator('.modal-content').waitFor({ state: 'detached' })
}

/** The page refreshes by itself; a person only waits. */
export async function waitForStatus(dashboard: Dashboard, name: string, status: string, seconds: number) {
  const { page } = dashboard
  await visit(dashboard, '/project/instances/')
  await row(page, name)
    .locator('td', { hasText: new RegExp(`^\\s*${status}\\s*$`) })
    .first()
    .waitFor({ timeout: seconds * 1000 })
}

/** The id in Horizon's table row of an instance. */
export async function idOf({ page }: Dashboard, name: string): Promise<string> {
  return (await row(page, name).first().getAttribute('data-object-id')) ?? ''
}

export async function deleteInstance(dashboard: Dashboard, name: string, seconds: number): Promise<void> {
  const { page } = dashboard
  await visit(dashboard, '/project/instances/')
  await row(page, name).locator('a.dropdown-toggle, button.dropdown-toggle').first().click()
  await row(page, name).locator('[id$=action_delete]').first().click()
  await page.locator('.modal.in .btn-danger, .modal-dialog .btn-danger').first().click()
  await row(page, name)
    .first()
    .waitFor({ state: 'detached', timeout: seconds * 1000 })
}
