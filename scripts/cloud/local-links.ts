/** Replaces the addresses of the lab's APIs, where the APIs themselves answer with them, by those on this machine. */

export interface LocalApi {
  /** How the lab's services name it, without the scheme: `10.0.0.11:5000`. The first one is sent as the Host header. */
  inside: readonly [string, ...string[]]
  /** Where it is on 127.0.0.1. */
  port: number
}

/** `http://127.0.0.1:5000` */
export const localOrigin = ({ port }: Pick<LocalApi, 'port'>) => `http://127.0.0.1:${port}`

export interface LocalLinks {
  /** Each address in a header: `Location`, the `uri` of `WWW-Authenticate`. */
  inHeader(value: string): string
  /** Each string of a JSON text that begins with an address. All other bytes stay; of a stream it keeps one address at most. */
  inJson(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer>
}

export function localLinks(apis: readonly LocalApi[]): LocalLinks {
  const origins = new Map<string, string>(
    apis.flatMap((api) => api.inside.map((host) => [`http://${host}`, localOrigin(api)] as const)),
  )
  const any = [...origins.keys()].map((origin) => origin.replaceAll('.', '\\.')).join('|')
  // Port 5000 is not the beginning of 50001, nor a host the beginning of another or a user's name.
  const header = new RegExp(`(?:${any})(?![\\w.:@-])`, 'g')
  // A quote that begins a string: one inside a string has a backslash, and after one that ends a string no letter follows.
  const json = new RegExp(`(?<!\\\\)"(${any})(?=["/?#\\\\])`, 'g')
  const longest = Math.max(...[...origins.keys()].map(({ length }) => length)) + 2
  return {
    inHeader: (value) => value.replaceAll(header, (origin) => origins.get(origin)!),
    inJson: (source) => replaceInStream(source, { pattern: json, longest, by: (origin) => `"${origins.get(origin)}` }),
  }
}

interface Replacement {
  /** Its first group is given to `by`. */
  pattern: RegExp
  /** Of what it looks at, in bytes. */
  longest: number
  by(origin: string): string
}

/** As Latin-1, in which every byte is a character: nothing else is changed, whatever the encoding is. */
async function* replaceInStream(source: AsyncIterable<Uint8Array>, { pattern, longest, by }: Replacement) {
  let rest = ''
  for await (const chunk of source) {
    const text = rest + Buffer.from(chunk).toString('latin1')
    const parts: string[] = []
    let done = 0
    for (const { index, 0: found, 1: origin } of text.matchAll(pattern)) {
      parts.push(text.slice(done, index), by(origin!))
      done = index + found.length
    }
    let end = Math.max(done, text.length - longest)
    // The pattern looks at the character before.
    if (end > done && text[end - 1] === '\\') end -= 1
    rest = text.slice(end)
    yield Buffer.from([...parts, text.slice(done, end)].join(''), 'latin1')
  }
  yield Buffer.from(rest, 'latin1')
}
