/** `./lab topology`: what is connected to what, read from all running nodes; with --path, the way to an instance. */

import { defineCommand } from 'citty'
import { exitCode } from '../declaration/exit-codes.ts'
import { showObservations } from '../health/verify/text.ts'
import { walkPath } from '../insight/topology/path.ts'
import { readTopology } from '../insight/topology/read.ts'
import { renderTopologyPage } from '../insight/topology/render-page.ts'
import { renderSvg } from '../insight/topology/render-svg.ts'
import { showTopology } from '../insight/topology/render-text.ts'
import { findWay } from '../insight/topology/way.ts'
import type { Observation } from '../run/check.ts'
import { disconnect } from '../run/ssh.ts'
import { print } from '../terminal/print.ts'
import { printScreen } from '../terminal/screen.ts'
import { visible } from '../terminal/visible.ts'
import { checkout } from './checkout.ts'
import { jsonOption, printDocument } from './documents/document.ts'
import { pathDocument, topologyDocument } from './documents/network.ts'
import { loadRunningLab } from './running-lab.ts'

/** The checks themselves use ping: who comes to log in learns here that ssh is shut out. */
function endingOfPath(hops: readonly Observation[], first: Observation | undefined): string {
  if (first) return `\nfirst failed check: ${visible(first.what)}: ${visible(first.seen)}`
  const filter = hops.find(({ data }) => data?.['ssh'] === false)
  return filter ? `\nping gets through, but no security group of the port allows ssh (tcp/22): ${filter.next}` : ''
}

export default defineCommand({
  meta: {
    name: 'topology',
    description:
      'Shows the interfaces, bridges, namespaces, taps, instances, dnsmasq processes and filters of the running lab. With --path it checks every hop from this host to an instance and names the first bad one; exit code 1 if there is one.',
  },
  args: {
    path: { type: 'string', valueHint: 'server', description: 'check the path to this instance, hop by hop' },
    svg: { type: 'boolean', description: 'a picture on stdout' },
    html: { type: 'boolean', description: 'a self-contained page on stdout' },
    json: { type: 'boolean', description: jsonOption },
  },
  async run({ args }) {
    const lab = loadRunningLab(checkout)
    try {
      const topology = await readTopology(lab)
      if (args.path) {
        const hops = await walkPath(findWay(lab, topology, args.path))
        const first = hops.find(({ ok }) => !ok)
        if (args.json) printDocument(pathDocument, { ok: !first, firstBad: first?.id ?? null, hops })
        else printScreen(`${showObservations(hops)}${endingOfPath(hops, first)}`)
        process.exitCode = exitCode(first ? 'failed' : 'ok')
        return
      }
      if (args.json) printDocument(topologyDocument, topology)
      else if (args.html) print(renderTopologyPage(topology))
      else if (args.svg) print(renderSvg(topology, { alone: true }))
      else print(showTopology(topology))
    } finally {
      disconnect()
    }
  },
})
