/** `./lab open`: dashboard, consoles and, if asked for, the APIs on 127.0.0.1 until Ctrl-C. */

import { createInterface } from 'node:readline'
import { defineCommand } from 'citty'
import { whereToLook } from '../cloud/where-to-look.ts'
import { controllerOf, type Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { openBrowser } from '../host/browser.ts'
import { fetchError } from '../run/fetch-error.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { untilEnded } from '../run/until-ended.ts'
import { waitFor } from '../run/wait-for.ts'
import { print, tell } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import {
  holdPorts,
  localUrl,
  type PortName,
  type PortWishes,
  parsePort,
  portsOf,
  withPorts,
} from './forwarded-ports.ts'
import { type LiveView, openLiveView } from './live-view.ts'
import { catalogApis, choosePorts, describeApis, forwardedApis, writeClientFile } from './local-apis.ts'

const loginPath = '/horizon/auth/login/'

/** Throws NotReadyError: an address that leads nowhere is not to be shown as one that works. */
async function waitForDashboard(lab: Lab): Promise<void> {
  const url = `${localUrl(lab, 'dashboard')}${loginPath}`
  const next = whereToLook('horizon', controllerOf(lab).name)
  const wait = {
    what: `the dashboard at ${url}`,
    timeoutSeconds: timeouts.cloud.dashboard.seconds,
    pauseSeconds: 0.5,
    next,
  }
  await waitFor(lab, wait, () =>
    fetch(url, { signal: AbortSignal.timeout(scaled(lab, timeouts.cloud.dashboard) * 1000) }).then(
      async (response) => {
        await response.body?.cancel()
        return response.ok ? { found: true } : { now: `${response.status}` }
      },
      (error: unknown) => ({ now: fetchError(error) }),
    ),
  )
}

/** Where to click and as whom; the passwords themselves only where they were asked for. */
export function describeAccess(
  lab: Lab,
  passwords?: { admin: string; demo: string },
  apis: readonly string[] = [],
): string {
  const users = lab.services.demo ? (['admin', 'demo'] as const) : (['admin'] as const)
  const dashboard = lab.services.horizon
    ? [
        `Dashboard   ${localUrl(lab, 'dashboard')}/horizon/`,
        ...users.map((user, index) => {
          const secret = passwords
            ? `password ${passwords[user]}`
            : `password: ${user}_password in ansible-vars/secrets.yml`
          return `${index ? '       or   ' : '  sign in   '}${user}, ${secret}`
        }),
      ]
    : ['Dashboard   off (lab_services.horizon)']
  return [
    ...dashboard,
    `Consoles    ${localUrl(lab, 'console')}: at the addresses that the dashboard and ./lab console SERVER give`,
    ...apis,
    '',
    'Press Ctrl-C to stop.',
  ].join('\n')
}

/** The same command, on other ports. */
export function openCommand({ dashboard, console, api, live }: PortWishes & { api?: boolean; live?: boolean }): string {
  const options = [
    live ? ' --live' : '',
    api ? ' --api' : '',
    dashboard ? ` --port ${dashboard}` : '',
    console ? ` --console-port ${console}` : '',
  ]
  return `./lab open${options.join('')}`
}

/** Each address works once; Enter gives another one, for example for a second browser. Returns what ends that. */
function showLive(live: LiveView, browser: boolean): () => void {
  const address = live.newAddress()
  const show = (one: string) => print(`Live        ${one}\n  works once; for another address press Enter`)
  show(address)
  if (browser) live.openInBrowser(address)
  const keys = createInterface({ input: process.stdin, terminal: false }).on('line', () => show(live.newAddress()))
  return () => keys.close()
}

export default defineCommand({
  meta: {
    name: 'open',
    description:
      'Serves the dashboard and the consoles on 127.0.0.1, on the ports set by lab_open_ports, and opens a browser if there is one. With --live it also serves one page that shows the lab as it is now, and opens that. With --api it also serves every API in the catalog there, so that any program on this machine can use the cloud. Runs until Ctrl-C and then exits with 0.',
  },
  args: {
    live: { type: 'boolean', description: 'also one page with topology, traffic, health and launches as they happen' },
    api: { type: 'boolean', description: 'also the APIs, with a clouds.yaml for them' },
    passwords: { type: 'boolean', description: 'also print the passwords' },
    'no-browser': { type: 'boolean', description: 'do not open a browser' },
    port: { type: 'string', valueHint: 'port', description: 'for the dashboard, instead of lab_open_ports.dashboard' },
    'console-port': {
      type: 'string',
      valueHint: 'port',
      description: 'for the consoles, instead of lab_open_ports.console',
    },
  },
  async run({ args }) {
    const declared = loadLab(checkout)
    const { port, 'console-port': consolePort } = args
    const wishes: PortWishes = {
      ...(port ? { dashboard: parsePort(port) } : {}),
      ...(consolePort ? { console: parsePort(consolePort) } : {}),
    }
    const lab = withPorts(declared, wishes)
    const names: PortName[] = lab.services.horizon ? ['dashboard', 'console'] : ['console']
    const secrets = loadSecrets(lab.root)
    const apis = args.api ? await choosePorts(catalogApis(lab, secrets), Object.values(lab.cloud.ports)) : []
    const elsewhere = (free: PortWishes) =>
      openCommand({ ...wishes, ...free, api: args.api ?? false, live: args.live ?? false })
    const forward = await holdPorts(lab, [...portsOf(lab, names), ...forwardedApis(apis)], 'open', elsewhere)
    const clients = args.api ? writeClientFile(lab, secrets, apis) : undefined
    let live: LiveView | undefined
    try {
      // The live page is of use above all where something does not answer.
      if (args.live) live = await openLiveView(lab)
      else if (lab.services.horizon) await waitForDashboard(lab)
      const passwords = { admin: secrets.admin_password, demo: secrets.demo_password }
      print(describeAccess(lab, args.passwords ? passwords : undefined, clients && describeApis(lab, apis, clients)))
      if (wishes.console) tell(`Consoles: only the addresses that ./lab console gives lead to port ${wishes.console}`)
      const closed = live ? showLive(live, !args['no-browser']) : undefined
      if (!live && lab.services.horizon && !args['no-browser']) openBrowser(`${localUrl(lab, 'dashboard')}/horizon/`)
      const ended = await untilEnded(forward.ended, ...(live ? [live.ended] : []))
      closed?.()
      if (ended === 'stopped') return
      tell("open: the lab's network is gone")
      process.exitCode = 1
    } finally {
      await live?.close()
      clients?.remove()
      await forward.close()
    }
  },
})
