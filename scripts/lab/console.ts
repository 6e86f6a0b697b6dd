/** `./lab console SERVER`: the instance's screen and keyboard in a browser, for as long as the page is open. */

import { defineCommand } from 'citty'
import type { Lab } from '../declaration/lab.ts'
import { openBrowser } from '../host/browser.ts'
import type { Forward } from '../run/forward.ts'
import { askInside } from '../run/namespace.ts'
import { ownProgram } from '../run/own-program.ts'
import { timeouts } from '../run/timeouts.ts'
import { untilEnded } from '../run/until-ended.ts'
import { poll } from '../run/wait-for.ts'
import { print, tell } from '../terminal/print.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { checkout } from './checkout.ts'
import {
  askToWait,
  holdPorts,
  lastAsked,
  type PortWishes,
  parsePort,
  portsOf,
  readHolder,
  withPorts,
} from './forwarded-ports.ts'
import { loadRunningLab } from './running-lab.ts'

/** Nova forgets a URL's token after ten minutes, so nobody can use it later. */
const firstSeconds = timeouts.cloud.console.seconds

/** Time to load the page again after the last connection was closed. */
const againSeconds = timeouts.cloud.consoleAgain.seconds

/** Ends when nobody has opened the page for the times above. */
export async function untilUnused(
  forward: Pick<Forward, 'open'>,
  asked: () => number,
  { first, again } = { first: firstSeconds, again: againSeconds },
): Promise<'unused'> {
  let lastUsed: number | undefined
  const isUnused = async () => {
    if ((forward.open.get('console') ?? 0) > 0) lastUsed = Date.now()
    const end = lastUsed !== undefined && lastUsed > asked() ? lastUsed + again * 1000 : asked() + first * 1000
    return Date.now() > end
  }
  // In the background: stopped by Ctrl-C, nobody waits for this any more.
  const polling = { timeoutSeconds: Number.POSITIVE_INFINITY, pauseSeconds: 0.2, background: true }
  await poll({ timeScale: 1 }, polling, isUnused, (unused) => unused)
  return 'unused'
}

/** Nova names the declared port, whatever port leads there now. */
export function onPort(url: string, port: number | undefined): string {
  const parsed = new URL(url)
  if (port !== undefined) parsed.port = `${port}`
  return parsed.href
}

async function serve(lab: Lab, url: string, browser: boolean, server: string): Promise<void> {
  const elsewhere = ({ console: free }: PortWishes) => `./lab console ${shellQuote(server)} --port ${free}`
  const forward = await holdPorts(lab, portsOf(lab, ['console']), 'console', elsewhere)
  try {
    const opened = show(url, browser)
    tell(
      `  ${opened ? 'opened in your browser' : 'open it in a browser'}; available until you close it, or until Ctrl-C`,
    )
    const end = await untilEnded<'unused' | 'gone'>(
      untilUnused(forward, () => lastAsked(lab)),
      forward.ended.then(() => 'gone'),
    )
    if (end !== 'gone') return
    tell("console: the lab's network is gone")
    process.exitCode = 1
  } finally {
    await forward.close()
  }
}

function show(url: string, browser: boolean): boolean {
  print(url)
  return browser && openBrowser(url)
}

export default defineCommand({
  meta: {
    name: 'console',
    description:
      "Prints the address of an instance's noVNC console, opens it in a browser if there is one, and serves it on 127.0.0.1 until a minute after the page was closed, or until Ctrl-C. If ./lab open is running, it only prints the address.",
  },
  args: {
    server: { type: 'positional', required: true, description: 'name or id of the instance, in any project' },
    'no-browser': { type: 'boolean', description: 'do not open a browser' },
    port: { type: 'string', valueHint: 'port', description: 'instead of lab_open_ports.console' },
  },
  async run({ args }) {
    const lab = loadRunningLab(checkout)
    const browser = !args['no-browser']
    const ask = ownProgram(process.argv[1]!, 'console-url', args.server)
    const { stdout: url, exitCode } = await askInside(lab, ask)
    if (exitCode !== 0) {
      process.exitCode = exitCode
      return
    }
    const holder = readHolder(lab)
    const port = args.port ? parsePort(args.port) : undefined
    if (!holder) return serve(withPorts(lab, port ? { console: port } : {}), onPort(url, port), browser, args.server)
    askToWait(lab)
    show(onPort(url, holder.ports?.console), browser)
    tell(`  reached through ./lab ${holder.command} (process ${holder.pid})`)
  },
})
