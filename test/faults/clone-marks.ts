/** What a lab has for itself: its keys and the ids of its machines, one line each; and the keys that its clones keep. */

import type { Copy } from '../harness/copy.ts'
import { nodes, onNode } from '../harness/lab.ts'

export const part = 'clones'
/** The save that all labs are of. */
export const base = 'base'

export interface Clone {
  name: string
  copy: Copy
  id: string
  file: string
}

/** In the order in which they were made: the original's user's, then the other user's. */
export interface Labs {
  original: () => Copy
  clones: Clone[]
}

/** Of each node: its host key, who may log in, and the ids of the machine. */
const ofNode = `cat /etc/ssh/ssh_host_*_key.pub /root/.ssh/authorized_keys | cut -d' ' -f2
cat /etc/machine-id
if [ -e /etc/iscsi/initiatorname.iscsi ]; then cat /etc/iscsi/initiatorname.iscsi; fi`

const sums = (folder: string) => `sha256sum ${folder}/* | cut -c1-64 | sort`

export async function readOwn(copy: Copy): Promise<{ own: string[]; kept: string }> {
  const lines: string[] = []
  for (const node of nodes) lines.push(...(await onNode(copy, node, ofNode)).split('\n'))
  lines.push(...(await onNode(copy, 'controller', sums('/etc/keystone/fernet-keys'))).split('\n'))
  // Both nodes let the same key in.
  return { own: [...new Set(lines)], kept: await onNode(copy, 'controller', sums('/etc/keystone/credential-keys')) }
}
