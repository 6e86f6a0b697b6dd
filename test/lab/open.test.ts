/** What `./lab open` and `./lab console` print, and when a forward is stopped. */

import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { browserOf } from '../../scripts/host/browser.ts'
import { checkArguments } from '../../scripts/lab/check-arguments.ts'
import { readUsage } from '../../scripts/lab/commands.ts'
import { onPort, untilUnused } from '../../scripts/lab/console.ts'
import { askToWait, lastAsked, readHolder, withPorts } from '../../scripts/lab/forwarded-ports.ts'
import { describeAccess, openCommand } from '../../scripts/lab/open.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('lxc')
const passwords = { admin: 'admin-secret', demo: 'demo-secret' }

describe('what open says', () => {
  test('names addresses, users and where their passwords are, but no password', () => {
    expect(describeAccess(lab)).toMatchInlineSnapshot(`
      "Dashboard   http://127.0.0.1:8080/horizon/
        sign in   admin, password: admin_password in ansible-vars/secrets.yml
             or   demo, password: demo_password in ansible-vars/secrets.yml
      Consoles    http://127.0.0.1:6080: at the addresses that the dashboard and ./lab console SERVER give

      Press Ctrl-C to stop."
    `)
  })

  test('shows the passwords if requested', () => {
    const shown = describeAccess(lab, passwords)
    expect(shown).toContain('admin, password admin-secret')
    expect(shown).toContain('demo, password demo-secret')
  })

  test('shows no dashboard and no demo user if they are switched off', () => {
    const shown = describeAccess({ ...lab, services: { ...lab.services, horizon: false, demo: false } }, passwords)
    expect(shown).toContain('off (lab_services.horizon)')
    expect(shown).not.toContain('demo')
  })
})

describe('other ports', () => {
  test('the command that is proposed can be pasted, and keeps what was asked for', async () => {
    expect(openCommand({ dashboard: 8081, console: 6081 })).toBe('./lab open --port 8081 --console-port 6081')
    expect(openCommand({})).toBe('./lab open')
    expect(openCommand({ dashboard: 8081, api: true })).toBe('./lab open --api --port 8081')
    const [, , ...words] = openCommand({ dashboard: 8081 }).split(' ')
    checkArguments(await readUsage('open'), words)
  })

  test('the addresses lead to them', () => {
    expect(describeAccess(withPorts(lab, { dashboard: 8081 }))).toContain('http://127.0.0.1:8081/horizon/')
    const url = 'http://127.0.0.1:6080/vnc_lite.html?path=%3Ftoken%3Dabc'
    expect(onPort(url, 6081)).toBe('http://127.0.0.1:6081/vnc_lite.html?path=%3Ftoken%3Dabc')
    expect(onPort(url, undefined)).toBe(url)
  })
})

describe('the process that holds the ports', () => {
  const labIn = (state: string) => ({ ...lab, paths: { ...lab.paths, state } })
  const holderFile = (pid: number) => {
    const state = join(temporaryFolder(), '.lab')
    mkdirSync(state)
    writeFileSync(join(state, 'forward.json'), JSON.stringify({ pid, command: 'open' }))
    return labIn(state)
  }

  test('is none if none was recorded, if it has ended, or if its pid now belongs to another program', () => {
    expect(readHolder(labIn(temporaryFolder()))).toBeUndefined()
    expect(readHolder(holderFile(2 ** 22 + 1))).toBeUndefined()
    expect(readHolder(holderFile(process.pid))).toBeUndefined()
  })

  test('can be asked to wait again', () => {
    const held = holderFile(process.pid)
    utimesSync(join(held.paths.state, 'forward.json'), 1, 1)
    expect(lastAsked(held)).toBe(1000)
    askToWait(held)
    expect(lastAsked(held)).toBeGreaterThan(1000)
    expect(lastAsked(labIn('/nowhere'))).toBe(0)
  })
})

// In parallel, because they only wait.
describe.concurrent('a console that is forwarded', () => {
  const seconds = { first: 1.2, again: 0.4 }
  const since = async (open: Map<string, number>, asked: () => number) => {
    const started = Date.now()
    await untilUnused({ open }, asked, seconds)
    return (Date.now() - started) / 1000
  }

  test('ends if nobody opens it', async () => {
    const now = Date.now()
    expect(await since(new Map([['console', 0]]), () => now)).toBeGreaterThan(1.1)
  })

  test('ends soon after it was closed, and never while it is open', async () => {
    const now = Date.now()
    const open = new Map([['console', 1]])
    setTimeout(() => open.set('console', 0), 700)
    const lasted = await since(open, () => now - 1)
    expect(lasted).toBeGreaterThan(0.9)
    expect(lasted).toBeLessThan(3)
  })

  test('waits for the next one that is announced after it was closed', async () => {
    const now = Date.now()
    const open = new Map([['console', 1]])
    let asked = now - 1
    setTimeout(() => open.set('console', 0), 300)
    setTimeout(() => {
      asked = Date.now()
    }, 450)
    expect(await since(open, () => asked)).toBeGreaterThan(1.4)
  })
})

test('a browser is opened only if there is a display', () => {
  expect(browserOf({ PATH: '/usr/bin:/bin' })).toBeUndefined()
  expect(browserOf({ PATH: '/nowhere', DISPLAY: ':0' })).toBeUndefined()
  expect(browserOf({ BROWSER: 'firefox' })).toBe('firefox')
})
