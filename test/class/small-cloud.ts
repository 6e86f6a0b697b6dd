/** A cloud in memory, with as much of OpenStack's APIs as a class needs; it can fail at any request. */

import type { CloudClient } from '../../scripts/cloud/client.ts'

type Thing = Record<string, unknown> & { id: string; name: string }

export interface SmallCloud {
  client: CloudClient
  /** By kind, as the APIs name them: `projects`, `networks`, … */
  things: Record<string, Thing[]>
  /** Every change that was asked for. */
  changes: string[]
  /** The request that fails: as if the program were killed before it is sent; 0: none. */
  failAt: number
  asked: number
}

/** `/v2.0/networks?name=x` -> its words and what it asks for. */
function split(path: string) {
  const [words = '', query] = path.split('?')
  const [kind = '', id, action] = words.split('/').filter((one) => one && one !== 'v2.0' && one !== 'v2')
  return { kind: kind.replaceAll('-', '_'), id, action, query: new URLSearchParams(query) }
}

const ignored = ['all_tenants', 'all_projects', 'limit', 'is_public', 'required']

export function smallCloud(): SmallCloud {
  const things: SmallCloud['things'] = { roles: [{ id: 'role-member', name: 'member' }] }
  let made = 0
  const cloud: SmallCloud = { things, changes: [], failAt: 0, asked: 0, client: undefined as never }
  const of = (kind: string) => {
    things[kind] ??= []
    return things[kind]
  }

  function get(path: string): unknown {
    const { kind, id, query } = split(path)
    if (id && id !== 'detail') {
      const found = of(kind).find((one) => one.id === id)
      return found && { [kind.replace(/s$/, '')]: found }
    }
    const wanted = [...query].filter(([key]) => !ignored.includes(key))
    return { [kind]: of(kind).filter((one) => wanted.every(([key, value]) => String(one[key]) === value)) }
  }

  function post(path: string, body: Record<string, Thing>): unknown {
    const { kind } = split(path)
    const [[word, given]] = Object.entries(body) as [[string, Thing]]
    const thing = { enabled: true, ...given, id: `${word}-${++made}` }
    of(kind).push(thing)
    return { [word]: thing }
  }

  function put(path: string, body: Record<string, unknown> = {}): unknown {
    const { kind, id, action } = split(path)
    if (action === 'users') of('grants').push({ id: path, name: path })
    if (action === 'add_router_interface') {
      of('ports').push({
        ...{ id: `port-${++made}`, name: '', device_id: id, device_owner: 'network:router_interface' },
        project_id: of('routers').find((one) => one.id === id)!['project_id'],
      })
    }
    if (action === 'remove_router_interface') things['ports'] = of('ports').filter((one) => one.id !== body['port_id'])
    if (kind.endsWith('quota_sets') || kind === 'quotas') {
      things[kind] = [...of(kind).filter((one) => one.id !== id), { id: id!, name: id!, ...body }]
    }
    return {}
  }

  function patch(path: string, body: Record<string, object>): unknown {
    const { kind, id } = split(path)
    Object.assign(of(kind).find((one) => one.id === id)!, Object.values(body)[0])
    return {}
  }

  function remove(path: string): unknown {
    const { kind, id } = split(path)
    things[kind] = of(kind).filter((one) => one.id !== id)
    // Neutron deletes them with it.
    if (kind === 'networks') things['subnets'] = of('subnets').filter((one) => one['network_id'] !== id)
    return undefined
  }

  const work = { GET: get, POST: post, PUT: put, PATCH: patch, DELETE: remove } as const
  const send =
    (method: keyof typeof work) =>
    async (_type: string, path: string, { body }: { body?: unknown } = {}): Promise<never> => {
      if (++cloud.asked === cloud.failAt) throw new Error('killed')
      if (method !== 'GET') cloud.changes.push(`${method} ${path}`)
      return work[method](path, body as never) as never
    }
  cloud.client = {
    ...{ projectId: 'p-admin', catalog: [], urlOf: () => '' },
    ...{ get: send('GET'), post: send('POST'), put: send('PUT'), patch: send('PATCH'), delete: send('DELETE') },
  }
  return cloud
}
