/** Lists the domains and their states, in libvirt's words; never waits for a password. */

import type { Lab } from '../declaration/lab.ts'
import { rootPrefix, rootPrefixInShell, runOnHost } from '../run/process.ts'
import { virshInShell, virshWords } from './virsh.ts'

type Asked = Pick<Lab, 'libvirtUri'>

/** Name -> state, from `virsh list --all`: id, name, then one or two words. */
export function parseDomains(output: string): Map<string, string> {
  return new Map(
    output.split('\n').flatMap((line) => {
      const [, name, state] = /^\s*(?:\d+|-)\s+(\S+)\s+(\S.*?)\s*$/.exec(line) ?? []
      return name && state ? [[name, state] as const] : []
    }),
  )
}

/** Domain name -> state; undefined if libvirt does not answer in time. */
export async function readDomainStates(lab: Asked, timeoutSeconds: number): Promise<Map<string, string> | undefined> {
  try {
    const [program = '', ...args] = [...rootPrefix({ ask: false }), ...virshWords(lab.libvirtUri), 'list', '--all']
    return parseDomains((await runOnHost(program, args, { step: 'list the domains', timeoutSeconds })).stdout)
  } catch {
    return undefined
  }
}

/** The same as shell text: prints the table and `answered`, or why there is none. A libvirtd that hangs counts as not answering. */
export const listDomains = ({ libvirtUri }: Asked) =>
  `${rootPrefixInShell()}timeout 8 ${virshInShell(libvirtUri, 'list', '--all')} 2>&1 && echo answered || echo "no list of domains (exit code $?)"`
