/** Requests to addresses outside the lab, through the proxy named in the environment, which Node's fetch ignores. */

import type { Dispatcher } from 'undici'

/** As every program spells them, and as some do. */
const proxyNames = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']

/** Of them, those that are set. */
export const proxiesGiven = (): string[] => proxyNames.filter((name) => process.env[name])

const hasProxy = () => proxiesGiven().some((name) => !/^no_/i.test(name))

let agent: Dispatcher | undefined

/** As `fetch`. */
export async function fetchOutside(url: string, init: RequestInit = {}): Promise<Response> {
  if (!hasProxy()) return fetch(url, init)
  // Only who has a proxy pays for loading it.
  const { EnvHttpProxyAgent, fetch: fetchThrough } = await import('undici')
  const noProxy = [process.env['no_proxy'] ?? process.env['NO_PROXY'] ?? '', 'localhost', '127.0.0.1', '::1']
  // Many proxies make tunnels for TLS alone.
  agent ??= new EnvHttpProxyAgent({ noProxy: noProxy.filter(Boolean).join(','), proxyTunnel: false })
  return (await fetchThrough(url, { ...init, dispatcher: agent } as never)) as unknown as Response
}
