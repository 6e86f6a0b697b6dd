/** What really crosses the provider bridge: frames of the VLAN network with their tag, those of the flat one without. */

import { testServers } from '../../cloud/test-servers.ts'
import type { Lab, VlanNetwork } from '../../declaration/lab.ts'
import type { Observation } from '../../run/check.ts'
import { runOnHost } from '../../run/process.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import type { LabCheck } from '../check.ts'
import { addressOf, watchServer } from './instance.ts'

/** One frame that an instance sent: who, and with which tag. */
export interface Frame {
  source: string
  /** Undefined: none. */
  vlanId: number | undefined
}

/** `tcpdump -e`: an echo or an ARP reply tells its sender; requests for an address say nothing of who has it. */
export function parseFrames(output: string): Frame[] {
  return output.split('\n').flatMap((line) => {
    const source = /[:,] ([\d.]+) > [\d.]+: ICMP|ARP.*Reply ([\d.]+) is-at/.exec(line)?.slice(1).find(Boolean)
    const tag = /ethertype 802\.1Q \(0x8100\), length \d+: vlan (\d+),/.exec(line)?.[1]
    return source ? [{ source, vlanId: tag === undefined ? undefined : Number(tag) }] : []
  })
}

export interface TestAddresses {
  flat: string
  vlan: string
}

const tagged = ({ vlanId }: Pick<VlanNetwork, 'vlanId'>) => `frames of the VLAN network carry tag ${vlanId}`

export function judgeTags(lab: Lab, vlan: VlanNetwork, addresses: TestAddresses, frames: readonly Frame[]) {
  const of = (address: string) => frames.filter(({ source }) => source === address)
  const next = `./lab exec -- sudo tcpdump -e -n -i ${lab.networks.provider.bridge} 'icmp or arp or vlan'`
  const judge = (id: string, what: string, address: string, tag: number | undefined): Observation => {
    const right = of(address).filter((frame) => frame.vlanId === tag).length
    const wrong = of(address).filter((frame) => frame.vlanId !== tag)
    const tags = wrong.map((frame) => (frame.vlanId === undefined ? 'without a tag' : `with tag ${frame.vlanId}`))
    const others = wrong.length ? `, ${wrong.length} ${[...new Set(tags)].join(' and ')}` : ''
    return {
      id,
      what,
      ok: right > 0 && wrong.length === 0,
      seen: `${right} frames of ${address} correct${others}`,
      next,
    }
  }
  return [
    judge('tags/vlan', tagged(vlan), addresses.vlan, vlan.vlanId),
    judge(
      'tags/flat',
      'frames of the flat network carry no tag, and neither network leaks into the other',
      addresses.flat,
      undefined,
    ),
  ]
}

/** Each instance is asked on its own network, then on the other one, where nobody may answer. */
const script = ({ networks }: Lab, vlan: VlanNetwork, addresses: TestAddresses, seconds: number) => `
command -v tcpdump >/dev/null || { echo 'tcpdump is not installed on this machine' >&2; exit 1; }
tcpdump -l -e -n -i ${networks.provider.bridge} 'icmp or arp or (vlan and (icmp or arp))' 2>/dev/null & capture=$!
sleep 1
ask() { ping -n -c 2 -i 0.5 -W ${seconds} "$@" >/dev/null 2>&1; }
ask ${addresses.vlan}; ask ${addresses.flat}
ask -I ${networks.provider.bridge} ${addresses.vlan} & ask -I ${vlan.interface} ${addresses.flat} & wait %2 %3
kill $capture
wait
exit 0
`

export const tagsCheck: LabCheck = {
  id: 'tags',
  what: ({ lab }) => tagged(lab.networks.vlan!),
  timeoutSeconds: timeouts.verify.active.seconds,
  when: ({ networks }) => networks.vlan !== undefined,
  async observe(watch) {
    const { lab } = watch
    const vlan = lab.networks.vlan!
    const servers = await Promise.all(testServers(lab).map(({ name }) => watchServer(watch, name)))
    const [flat = '', other = ''] = servers.map((server) => (server ? addressOf(server) : ''))
    const addresses = { flat, vlan: other }
    if (!flat || !other) return judgeTags(lab, vlan, addresses, [])
    const { stdout } = await runOnHost('bash', ['-s'], {
      step: 'look at the frames on the provider bridge',
      root: true,
      input: script(lab, vlan, addresses, scaled(lab, timeouts.verify.echo)),
      timeoutSeconds: timeouts.machine.inventory.seconds,
    })
    return judgeTags(lab, vlan, addresses, parseFrames(stdout))
  },
}
