/** Checks on the nodes themselves: which units restarted, what was written, which arguments processes got. */

import { expect } from 'vitest'
import { environmentWords } from '../../scripts/services/python-environment.ts'
import type { Copy } from './copy.ts'

/** unit -> InvocationID of every unit that this lab runs, on both nodes: `controller glance-api` -> hex. */
export async function readInvocations(copy: Copy, nodes: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const node of nodes) {
    const script =
      'systemctl show --property=Id,InvocationID $(ls /etc/systemd/system | sed -n "s/.service.d$/.service/p") | paste -sd" " | sed "s/  */\\n/g"'
    const { stdout } = await copy.run('./lab', 'ssh', node, script)
    const words = String(stdout).split(/\s+/)
    let unit = ''
    for (const word of words) {
      if (word.startsWith('Id=')) unit = word.slice(3)
      if (word.startsWith('InvocationID=')) found.set(`${node} ${unit.replace('.service', '')}`, word.slice(13))
    }
  }
  return found
}

/** One line for each file below /etc that is not the image's own: time of last change, mode, owner, path. */
export async function readFileTimes(copy: Copy, nodes: readonly string[]): Promise<string> {
  const texts: string[] = []
  for (const node of nodes) {
    const find = 'find /etc -type f -newer /etc/debian_version -printf "%T@ %m %u:%g %p\\n" | sort -k4'
    texts.push(`${node}\n${(await copy.run('./lab', 'ssh', node, find)).stdout}`)
  }
  return texts.join('\n')
}

/** Units that were started, or restarted, since `before` was read: `controller glance-api`. */
export async function readRestarted(
  copy: Copy,
  nodes: readonly string[],
  before: Map<string, string>,
): Promise<string[]> {
  return [...(await readInvocations(copy, nodes))].filter(([unit, id]) => before.get(unit) !== id).map(([unit]) => unit)
}

/** Also those that sudo starts. */
export async function expectPythonEnvironment(copy: Copy, nodes: readonly string[]): Promise<void> {
  const without = `for pid in $(pgrep python3); do
  for word in ${environmentWords.join(' ')}; do
    tr '\\0' '\\n' <"/proc/$pid/environ" | grep -qxF "$word" || echo "$(tr '\\0' ' ' <"/proc/$pid/cmdline") has no $word"
  done
done`
  for (const node of nodes) {
    expect((await copy.run('./lab', 'ssh', node, 'pgrep -fa privsep-helper')).stdout).toContain('--privsep')
    expect((await copy.run('./lab', 'ssh', node, without)).stdout).toBe('')
  }
}
