/** The spanning tree protocol of the lab's bridges, which libvirt switches on with each network that it starts. */

import type { Lab } from '../declaration/lab.ts'
import { runOnHost } from '../run/process.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/**
 * With it, a bridge passes on nothing from a new port for 4 s, longer than a container takes to boot. It looks for loops, and
 * the lab's bridges have no port but those of the nodes. Safe to repeat.
 */
export async function switchSpanningTreeOff({ networks }: Pick<Lab, 'networks'>): Promise<void> {
  const bridges = [networks.management, networks.provider].map(({ bridge }) => shellQuote(bridge))
  await runOnHost('bash', ['-s'], {
    step: "switch the bridges' spanning tree protocol off",
    root: true,
    input: `set -eu\nfor bridge in ${bridges.join(' ')}; do ip link set dev "$bridge" type bridge stp_state 0; done\n`,
  })
}
