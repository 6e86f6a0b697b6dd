/** `reachable.ts NODE`: waits until a VM that was just made can be reached, and pins its host key on the way. */

import { loadLab } from './declaration/load.ts'
import { consoleLog } from './libvirt/console-log.ts'
import { declaredNode } from './nodes/declared-node.ts'
import { pinHostKey, waitForHostKey } from './nodes/host-key.ts'
import { waitForNode } from './nodes/reach.ts'
import { runExpected } from './run/expected.ts'

await runExpected(async () => {
  const lab = loadLab()
  const node = declaredNode(lab, process.argv[2])
  await pinHostKey(lab, node, await waitForHostKey(lab, node))
  await waitForNode(lab, node, `sudo less ${consoleLog(lab, node.name)}`)
})
