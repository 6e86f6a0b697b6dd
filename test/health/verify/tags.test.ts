import { describe, expect, test } from 'vitest'
import { judgeTags, parseFrames } from '../../../scripts/health/verify/tags.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

/** As tcpdump 4.99 prints them. */
const capture = `06:14:01.000001 52:54:00:aa:00:01 > ff:ff:ff:ff:ff:ff, ethertype 802.1Q (0x8100), length 46: vlan 101, p 0, ethertype ARP (0x0806), Request who-has 198.51.100.105 tell 198.51.100.1, length 28
06:14:01.000002 fa:16:3e:00:00:02 > 52:54:00:aa:00:01, ethertype 802.1Q (0x8100), length 46: vlan 101, p 0, ethertype ARP (0x0806), Reply 198.51.100.105 is-at fa:16:3e:00:00:02, length 28
06:14:01.000003 52:54:00:aa:00:01 > fa:16:3e:00:00:02, ethertype 802.1Q (0x8100), length 102: vlan 101, p 0, ethertype IPv4 (0x0800), 198.51.100.1 > 198.51.100.105: ICMP echo request, id 1, seq 1, length 64
06:14:01.000004 fa:16:3e:00:00:02 > 52:54:00:aa:00:01, ethertype 802.1Q (0x8100), length 102: vlan 101, p 0, ethertype IPv4 (0x0800), 198.51.100.105 > 198.51.100.1: ICMP echo reply, id 1, seq 1, length 64
06:14:02.000001 fa:16:3e:00:00:01 > 52:54:00:aa:00:01, ethertype IPv4 (0x0800), length 98: 203.0.113.105 > 203.0.113.1: ICMP echo reply, id 2, seq 1, length 64
06:14:03.000001 52:54:00:aa:00:01 > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Request who-has 198.51.100.105 tell 203.0.113.1, length 28
`
const lab = fixtureLab('qemu')
const vlan = lab.networks.vlan!
const addresses = { flat: '203.0.113.105', vlan: '198.51.100.105' }
const judged = (text: string) => judgeTags(lab, vlan, addresses, parseFrames(text)).map(({ ok }) => ok)

describe('the frames on the provider bridge', () => {
  test('are told apart by their tag; an ARP request says nothing about who has the address', () => {
    expect(parseFrames(capture)).toEqual([
      { source: '198.51.100.105', vlanId: 101 },
      { source: '198.51.100.1', vlanId: 101 },
      { source: '198.51.100.105', vlanId: 101 },
      { source: '203.0.113.105', vlanId: undefined },
    ])
    expect(judged(capture)).toEqual([true, true])
  })

  test('of the VLAN network without its tag are a failure', () => {
    const untagged = capture.replaceAll(
      /ethertype 802\.1Q \(0x8100\), length (\d+): vlan 101, p 0, ethertype IPv4 \(0x0800\),/g,
      'ethertype IPv4 (0x0800), length $1:',
    )
    expect(judged(untagged)).toEqual([false, true])
    const [line] = judgeTags(lab, vlan, addresses, parseFrames(untagged))
    expect(line?.seen).toBe('1 frames of 198.51.100.105 correct, 1 without a tag')
  })

  test('of the flat network with a tag are a failure', () => {
    const leaked = `${capture}06:14:04.0 fa:16:3e:00:00:01 > 52:54:00:aa:00:01, ethertype 802.1Q (0x8100), length 46: vlan 101, p 0, ethertype ARP (0x0806), Reply 203.0.113.105 is-at fa:16:3e:00:00:01, length 28\n`
    expect(judged(leaked)).toEqual([true, false])
  })

  test('that do not come are a failure too', () => {
    expect(judged('')).toEqual([false, false])
  })
})
