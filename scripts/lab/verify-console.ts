/** The graphic console: the URL that Nova gives is served, and behind it a VNC server shows the instance's screen. */

import type { CloudClient } from '../cloud/client.ts'
import { lookAtUnit } from '../cloud/where-to-look.ts'
import { controllerOf, type Lab } from '../declaration/lab.ts'
import { ports } from '../services/endpoints.ts'
import { type Observation, observeUntil, type Watch } from './observation.ts'
import { type ConsoleTarget, openConsole } from './rfb.ts'
import { readServer } from './verify-instance.ts'

/**
 * What a browser does with the URL, but connected to the proxy itself: the URL may name the port that `./lab open`
 * forwards on 127.0.0.1.
 */
export function consoleTarget(url: string, controllerAddress: string): ConsoleTarget {
  const parsed = new URL(url)
  const token = parsed.searchParams.get('token')
  return {
    host: controllerAddress,
    port: ports.novncproxy,
    authority: parsed.host,
    path: parsed.searchParams.get('path') ?? `websockify?token=${token}`,
  }
}

async function consoleUrl(cloud: CloudClient, lab: Lab): Promise<string> {
  const server = await readServer(cloud, lab.cloud.server.name)
  if (!server) throw new Error(`no instance ${lab.cloud.server.name}`)
  const { remote_console } = await cloud.post<{ remote_console: { url: string } }>(
    'compute',
    `/servers/${server.id}/remote-consoles`,
    {
      body: { remote_console: { protocol: 'vnc', type: 'novnc' } },
      headers: { 'OpenStack-API-Version': 'compute 2.6' },
    },
  )
  return remote_console.url
}

export async function observeConsole(watch: Watch): Promise<Observation[]> {
  const { lab } = watch
  const { name, address } = controllerOf(lab)
  const next = lookAtUnit(name, 'nova-novncproxy', '/var/log/nova/nova-novncproxy.log')
  const what = `VNC console of ${lab.cloud.server.name} served`
  const seconds = 30 * lab.timeScale
  return observeUntil(watch, what, 60, async () => {
    const url = await consoleUrl(await watch.cloud(), lab)
    try {
      const target = consoleTarget(url, address)
      const page = new URL(url)
      const answer = await fetch(`http://${target.host}:${target.port}${page.pathname}`, {
        signal: AbortSignal.timeout(seconds * 1000),
      })
      if (!answer.ok) return [{ what, ok: false, seen: `${page.pathname} answers ${answer.status}`, next }]
      const screen = await openConsole(target, seconds)
      const seen = `${page.origin}${page.pathname}, ${screen.version}, ${screen.width}x${screen.height} ${screen.name}`
      return [{ what, ok: true, seen, next }]
    } catch (error) {
      return [{ what, ok: false, seen: (error as Error).message, next }]
    }
  })
}
