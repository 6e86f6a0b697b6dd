/** Counts in the cloud's databases, each before and after work that must leave nothing behind. */

import type { Copy } from '../harness/copy.ts'
import { onNode, sql } from '../harness/lab.ts'

/** Values that would grow if something leaked. */
export async function readGrowth(copy: Copy): Promise<string> {
  return onNode(
    copy,
    'controller',
    [
      `echo ports $(${sql('neutron', 'SELECT COUNT(*) FROM ports')})`,
      `echo allocations $(${sql('placement', 'SELECT COUNT(*) FROM allocations')})`,
      `echo consumers $(${sql('placement', 'SELECT COUNT(*) FROM consumers')})`,
      `echo instances $(${sql('nova', 'SELECT COUNT(*) FROM instances WHERE deleted = 0')})`,
      `echo mappings $(${sql('nova_api', 'SELECT COUNT(*) FROM instance_mappings WHERE queued_for_delete = 0')})`,
    ].join('\n'),
  )
}
