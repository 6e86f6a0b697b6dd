/** Whether this machine's package sources answer, and what time their servers have. */

import { fetchOutside } from '../run/outside.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'

export interface SourceFact {
  /** `debian bookworm-updates` */
  name: string
  /** Of its release file. */
  url: string
  /** Undefined if it answers; else why it does not. */
  silent?: string
  /** How far this machine's clock is ahead of the source's; negative: behind. */
  aheadSeconds?: number
}

/** As apt itself would ask them: with every form of sources.list, and also where no lists were fetched yet. */
export async function readSources(): Promise<SourceFact[]> {
  const [uris, proxy] = await Promise.all([read('apt-get', 'update', '--print-uris'), readProxy()])
  return Promise.all(parseReleases(uris).map((url) => askSource(url, proxy)))
}

/** The addresses of the release files, from lines `'URL' NAME SIZE`. */
export function parseReleases(uris: string): string[] {
  return [...uris.matchAll(/^'(https?:\/\/[^']+\/InRelease)'/gm)].map(([, url]) => url!)
}

async function read(file: string, ...args: string[]): Promise<string> {
  try {
    return (await runOnHost(file, args, { step: `read ${file}`, timeoutSeconds: timeouts.machine.glimpse.seconds }))
      .stdout
  } catch {
    return ''
  }
}

/** Where apt goes through a proxy of its own, asking the source directly would tell nothing: the proxy is asked. */
async function readProxy(): Promise<string | undefined> {
  const dump = await read('apt-config', 'dump')
  return /^Acquire::https?::Proxy "(http[^"]+)";/im.exec(dump)?.[1]
}

/** `…/debian/dists/bookworm-updates/InRelease` -> `debian bookworm-updates`. */
const nameOf = (url: string) => /([^/]+)\/dists\/(.+)\/InRelease$/.exec(url)?.slice(1).join(' ') ?? url

async function askSource(url: string, proxy: string | undefined): Promise<SourceFact> {
  const name = nameOf(url)
  try {
    const asked = Date.now()
    const head = { method: 'HEAD', signal: AbortSignal.timeout(timeouts.outside.source.seconds * 1000) }
    const answer = await (proxy ? fetch(proxy, head) : fetchOutside(url, head))
    if (!proxy && !answer.ok) return { name, url, silent: `answers ${answer.status}` }
    const there = Date.parse(answer.headers.get('date') ?? '')
    const aheadSeconds = Math.round(((asked + Date.now()) / 2 - there) / 1000)
    return { name, url, ...(Number.isNaN(there) ? {} : { aheadSeconds }) }
  } catch (error) {
    const { cause, name: kind } = error as Error & { cause?: { code?: string } }
    return { name, url, silent: cause?.code ?? (kind === 'TimeoutError' ? 'no answer in time' : kind) }
  }
}
