/** The graphic console: the URL that Nova gives is served, and behind it a VNC server shows the instance's screen. */

import type { CloudClient } from '../../cloud/client.ts'
import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { ports } from '../../declaration/endpoints.ts'
import { controllerOf, type Lab } from '../../declaration/lab.ts'
import { notTried } from '../../run/check.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import type { LabCheck } from '../check.ts'
import { judgeServer, ping, watchServer } from './instance.ts'
import { type ConsoleTarget, openConsole } from './rfb.ts'

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

/** Asked of Nova anew each time: the token in it holds for ten minutes. */
export async function consoleUrl(cloud: CloudClient, serverId: string): Promise<string> {
  const { remote_console } = await cloud.post<{ remote_console: { url: string } }>(
    'compute',
    `/servers/${serverId}/remote-consoles`,
    {
      body: { remote_console: { protocol: 'vnc', type: 'novnc' } },
      headers: { 'OpenStack-API-Version': 'compute 2.6' },
    },
  )
  return remote_console.url
}

const served = (lab: Lab) => `VNC console of ${lab.cloud.server.name} answers`

export const consoleCheck: LabCheck = {
  id: 'console',
  what: ({ lab }) => served(lab),
  timeoutSeconds: timeouts.verify.others.seconds,
  async observe(watch) {
    const { lab } = watch
    const { name, address } = controllerOf(lab)
    const about = { id: 'console', what: served(lab) }
    const next = lookAtUnit(name, 'nova-novncproxy', '/var/log/nova/nova-novncproxy.log')
    const seconds = scaled(lab, timeouts.verify.screen)
    const server = await watchServer(watch, lab.cloud.server.name)
    if (!server) return [{ ...about, ok: false, seen: 'no such instance', next: './lab openstack server list' }]
    const active = judgeServer(server.name, server)
    if (!active.ok) return [notTried(about, active)]
    // Nova asks nova-compute for the console: while that is starting, the API would wait 60 s for it and answer nobody.
    const pinged = await ping(lab, server)
    if (!pinged.ok) return [notTried(about, pinged)]
    const url = await consoleUrl(await watch.cloud(), server.id)
    try {
      const target = consoleTarget(url, address)
      const page = new URL(url)
      const answer = await fetch(`http://${target.host}:${target.port}${page.pathname}`, {
        signal: AbortSignal.timeout(seconds * 1000),
      })
      if (!answer.ok) return [{ ...about, ok: false, seen: `${page.pathname} answers ${answer.status}`, next }]
      const screen = await openConsole(target, seconds)
      const seen = `${page.origin}${page.pathname}, ${screen.version}, ${screen.width}x${screen.height} ${screen.name}`
      const data = { url: `${page.origin}${page.pathname}`, width: screen.width, height: screen.height }
      return [{ ...about, ok: true, seen, data, next }]
    } catch (error) {
      return [{ ...about, ok: false, seen: (error as Error).message, next }]
    }
  },
}
