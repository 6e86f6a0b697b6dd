/** Recognizes a launch, whoever asked for it, in the recorded traffic of the controller. */

import { parseWireLine, type WireLine } from '../trace/parse-wire.ts'

export interface SeenLaunch {
  instance: string
  /** Milliseconds since 1970, on the controller's clock: when the client signed in for it, or asked. */
  began: number
  /** nova-api's own request id, and the client's, as soon as a message contains them. */
  requests: string[]
  globalRequest?: string
}

const uuid = /'([0-9a-f]{8}-[0-9a-f-]{27})'/

/** How long before the request a sign-in belongs to it, in seconds. */
const signInWithin = 15

export interface LaunchFinder {
  /** Lines of a wire.log in their order; gives the launches that begin in them. */
  take(lines: readonly string[]): SeenLaunch[]
}

export function findLaunches(): LaunchFinder {
  const seen = new Map<string, SeenLaunch>()
  let signedIn = Number.NEGATIVE_INFINITY
  let asked = Number.NEGATIVE_INFINITY

  function take(line: WireLine): SeenLaunch[] {
    if (line.kind === 'request' && line['method'] === 'POST') {
      const path = String(line['path'])
      // A client's process is not known here: it is on this host.
      if (line.to.startsWith('keystone') && /\/auth\/tokens$/.test(path) && /^[\d.]+:\d+$/.test(line.from))
        signedIn = line.t
      if (line.to.startsWith('nova-api') && /\/servers$/.test(path)) asked = line.t
    }
    if (line.kind === 'sql' && line.from.startsWith('nova-api')) return begin(line)
    if (line.kind === 'publish' && line['method'] === 'schedule_and_build_instances') complete(line)
    return []
  }

  /** nova-api writes down what it is asked to build, in the same second in which it was asked. */
  function begin(line: WireLine): SeenLaunch[] {
    const sql = String(line['sql'])
    const instance = sql.startsWith('INSERT INTO build_requests ') ? uuid.exec(sql)?.[1] : undefined
    if (!instance || seen.has(instance)) return []
    const request = asked > line.t - 60 ? asked : line.t
    const began = signedIn > request - signInWithin && signedIn <= request ? signedIn : request
    const launch: SeenLaunch = { instance, began: began * 1000 - 1, requests: [] }
    seen.set(instance, launch)
    return [launch]
  }

  function complete(line: WireLine): void {
    const ids = Array.isArray(line['ids']) ? line['ids'].map(String) : []
    for (const launch of ids.flatMap((id) => seen.get(id) ?? [])) {
      launch.requests = [String(line['request_id'])]
      const client = line['global_request_id']
      if (typeof client === 'string' && client.startsWith('req-')) launch.globalRequest = client
    }
  }

  return {
    take: (lines) =>
      lines.flatMap((text) => {
        const line = parseWireLine(text)
        return line ? take(line) : []
      }),
  }
}
