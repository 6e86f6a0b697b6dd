/** Horizon as a browser meets it: the login form, its cookies, and the page that lists the instances. */

import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { urlOf } from '../../declaration/endpoints.ts'
import { controllerOf, type Lab } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import type { LabCheck } from '../check.ts'

/** What a browser keeps between two requests. */
export class Browser {
  private readonly cookies = new Map<string, string>()

  constructor(private readonly timeoutSeconds: number) {}

  cookie(name: string): string {
    return this.cookies.get(name) ?? ''
  }

  async ask(
    url: string,
    form?: Record<string, string> | FormData,
  ): Promise<{ status: number; location: string; text: string }> {
    const answer = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(this.timeoutSeconds * 1000),
      headers: {
        Cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        Referer: url,
        'X-CSRFToken': this.cookie('csrftoken'),
      },
      ...(form ? { method: 'POST', body: form instanceof FormData ? form : new URLSearchParams(form) } : {}),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (name) this.cookies.set(name, value ?? '')
    }
    return { status: answer.status, location: answer.headers.get('Location') ?? '', text: await answer.text() }
  }
}

/** Every field of the login form with the value that it already has: csrf token, region, next page. */
export function formFields(html: string): Record<string, string> {
  const fields = [...html.matchAll(/<input\b[^>]*>/g)].map(([tag]) => {
    const attribute = (name: string) => new RegExp(`\\b${name}=["']([^"']*)["']`).exec(tag)?.[1] ?? ''
    return [attribute('name'), attribute('value')] as const
  })
  return Object.fromEntries(fields.filter(([name]) => name))
}

/** Undefined once signed in, what was wrong otherwise. */
export async function signIn(browser: Browser, base: string, password: string): Promise<string | undefined> {
  const login = `${base}/auth/login/`
  const page = await browser.ask(login)
  if (page.status !== 200) return `${login} answers ${page.status}`
  const entry = await browser.ask(login, { ...formFields(page.text), username: 'admin', password, domain: 'Default' })
  return entry.status === 302 && browser.cookie('sessionid') ? undefined : `login answers ${entry.status}, no session`
}

async function look(
  base: string,
  password: string,
  server: string,
  timeoutSeconds: number,
): Promise<[boolean, string]> {
  const browser = new Browser(timeoutSeconds)
  const wrong = await signIn(browser, base, password)
  if (wrong) return [false, wrong]
  const instances = await browser.ask(`${base}/project/instances/`)
  if (instances.status !== 200) {
    return [false, `the instances page answers ${instances.status} ${instances.location}`.trim()]
  }
  return instances.text.includes(server)
    ? [true, `${base} lists ${server}`]
    : [false, `logged in, but ${server} is not on the instances page`]
}

const listed = (lab: Lab) => `Horizon logs in and lists ${lab.cloud.server.name}`

export const dashboardCheck: LabCheck = {
  id: 'dashboard',
  what: ({ lab }) => listed(lab),
  timeoutSeconds: timeouts.verify.others.seconds,
  when: (lab) => lab.services.horizon,
  async observe({ lab, timeoutFactor }) {
    const server = lab.cloud.server.name
    const password = loadSecrets(lab.root).admin_password
    const seconds = scaled(lab, timeoutFactor ? timeouts.verify.page : timeouts.verify.quickPage)
    const [ok, seen] = await look(`${urlOf(lab, 'horizon')}/horizon`, password, server, seconds)
    const next = lookAtUnit(controllerOf(lab).name, 'apache2', '/var/log/apache2/error.log')
    return [{ id: 'dashboard', what: listed(lab), ok, seen, next }]
  },
}
