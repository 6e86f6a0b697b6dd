/** The ports on 127.0.0.1 for dashboard and consoles, and which process of this lab uses them. */

import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ports } from '../declaration/endpoints.ts'
import { LabError, UsageError } from '../declaration/errors.ts'
import { controllerOf, type Lab } from '../declaration/lab.ts'
import { type Forward, type ForwardedPort, forwardPorts } from '../run/forward.ts'

export type PortName = 'dashboard' | 'console'

const listeners = { dashboard: ports.horizon, console: ports.novncproxy } as const

/** What is forwarded for these. */
export function portsOf(lab: Lab, names: readonly PortName[]): ForwardedPort[] {
  return names.map((name) => ({
    name,
    port: lab.cloud.ports[name],
    target: { host: controllerOf(lab).address, port: listeners[name] },
    where: `lab_open_ports.${name} in ansible-vars/group_vars/all.yml`,
  }))
}

/** Ports that were asked for in place of the declared ones. */
export type PortWishes = Partial<Record<PortName, number>>

/** The lab as this process forwards to it. */
export const withPorts = (lab: Lab, wishes: PortWishes): Lab => ({
  ...lab,
  cloud: { ...lab.cloud, ports: { ...lab.cloud.ports, ...wishes } },
})

/** Throws UsageError for what is none. */
export function parsePort(given: string): number {
  const port = Number(given)
  if (/^\d+$/.test(given) && port >= 1024 && port <= 65_535) return port
  throw new UsageError([{ where: '--port', given, allowed: 'a number from 1024 to 65535' }])
}

/** `http://127.0.0.1:8080` */
export function localUrl(lab: Lab, name: PortName): string {
  return `http://127.0.0.1:${lab.cloud.ports[name]}`
}

export interface Holder {
  pid: number
  /** `open`, `console` */
  command: string
  /** On which it forwards. */
  ports?: PortWishes
}

const fileOf = (lab: Lab) => join(lab.paths.state, 'forward.json')

/** The process that forwards for this lab now; a killed one, or another that has its number by now, is none. */
export function readHolder(lab: Lab): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(fileOf(lab), 'utf8')) as Holder
    const words = readFileSync(`/proc/${holder.pid}/cmdline`, 'utf8').split('\0')
    return words.includes(join(lab.root, 'scripts/lab/main.ts')) && words.includes(holder.command) ? holder : undefined
  } catch {
    return undefined
  }
}

/** Asks the holder to wait for another connection as if it had just begun. */
export function askToWait(lab: Lab): void {
  const now = new Date()
  utimesSync(fileOf(lab), now, now)
}

/** When it was asked last, or began, in milliseconds. */
export function lastAsked(lab: Lab): number {
  return statSync(fileOf(lab), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Forwards these ports as the lab's holder. Throws LabError if another process has one of them. */
export async function holdPorts(
  lab: Lab,
  ports: readonly ForwardedPort[],
  command: string,
  elsewhere: (ports: PortWishes) => string,
): Promise<Forward> {
  const other = readHolder(lab)
  if (other) throw new LabError([heldBy(lab, other)])
  const forward = await forwardPorts(lab, ports, (free) => elsewhere(Object.fromEntries(free)))
  const holder = { pid: process.pid, command, ports: lab.cloud.ports } satisfies Holder
  writeFileSync(fileOf(lab), JSON.stringify(holder), { mode: 0o600 })
  let timer: NodeJS.Timeout | undefined
  // ./lab down removes the folder: without a namespace of its own nothing else tells that the lab is gone.
  const removed = new Promise<void>((resolve) => {
    timer = setInterval(() => existsSync(fileOf(lab)) || resolve(), 1000)
  })
  const close = async () => {
    clearInterval(timer)
    rmSync(fileOf(lab), { force: true })
    await forward.close()
  }
  return { ...forward, ended: Promise.race([forward.ended, removed]), close }
}

function heldBy(lab: Lab, { pid, command }: Holder) {
  return {
    where: Object.keys(listeners)
      .map((name) => `port ${lab.cloud.ports[name as PortName]}`)
      .join(', '),
    given: `already forwarded by ./lab ${command} (process ${pid})`,
    allowed: 'one forward per lab',
    remedy: `use that one, or stop it: kill ${pid}`,
  }
}
