/** Whether AppArmor confines programs on this machine, and whether the names that a lab uses resolve correctly. */

import { lookup } from 'node:dns/promises'
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { delimiter } from 'node:path'

export interface AppArmorFacts {
  enabled: boolean
  /** The program with which libvirtd loads the profile of each node. */
  parser: boolean
}

export function readAppArmor(): AppArmorFacts {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/sbin', '/usr/sbin']
  return {
    enabled: readText('/sys/module/apparmor/parameters/enabled').trim() === 'Y',
    parser: folders.some((folder) => existsSync(`${folder}/apparmor_parser`)),
  }
}

export interface NameFacts {
  /** This machine's own. */
  own: string
  /** Its own name has an address; sudo waits for that at every call where it has none. */
  ownResolves: boolean
  /** `localhost` is this machine. */
  localhost: boolean
}

export async function readNames(): Promise<NameFacts> {
  const own = hostname()
  const [addresses, ownResolves] = await Promise.all([
    lookup('localhost', { all: true }).catch(() => []),
    lookup(own).then(
      () => true,
      () => false,
    ),
  ])
  return { own, ownResolves, localhost: addresses.some(({ address }) => address === '127.0.0.1') }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
