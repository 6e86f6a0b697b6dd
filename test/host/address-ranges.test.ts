import { expect, test } from 'vitest'
import { overlap, parseSubnet } from '../../scripts/declaration/addresses.ts'
import { checkRanges, proposeRange } from '../../scripts/host/address-ranges.ts'
import { parsePorts, parseRoutes } from '../../scripts/host/facts.ts'
import { declaration, fitMachine, wanted } from './facts.ts'

const { management, provider } = declaration.networks
const facts = (changes: Partial<Pick<typeof fitMachine, 'routes' | 'libvirt'>>) => ({ ...fitMachine, ...changes })
const wide = [{ range: '10.0.0.0/8', device: 'tun0' }]

test('a range that the host routes elsewhere is refused, and a free one is proposed', () => {
  const [finding] = checkRanges(facts({ routes: wide }), wanted)
  expect(finding?.where).toBe(declaration.places.management)
  expect(finding?.given).toBe(`${management.cidr} overlaps 10.0.0.0/8 (this host's route by tun0)`)
  const free = parseSubnet(/^[\d./]+/.exec(finding?.remedy ?? '')![0])!
  expect(overlap(free, parseSubnet('10.0.0.0/8')!)).toBe(false)
})

test('another libvirt network counts, also one that is off', () => {
  const network = { name: 'other', mark: 'virbr7', ranges: [provider.cidr], uuid: 'u' }
  const [finding] = checkRanges(facts({ libvirt: { ...fitMachine.libvirt, networks: [network] } }), wanted)
  expect(finding?.given).toContain('libvirt network other')
})

test("the lab's own bridges and networks are not a clash", () => {
  const own = facts({
    routes: [{ range: management.cidr, device: '1a2b3c4d-mgmt' }],
    libvirt: {
      ...fitMachine.libvirt,
      networks: [{ name: 'duostack-provider', mark: '1a2b3c4d-prov', ranges: [provider.cidr] }],
    },
  })
  expect(checkRanges(own, { ...wanted, id: '1a2b3c4d' })).toEqual([])
  expect(checkRanges(own, { ...wanted, id: '99999999' })).toHaveLength(2)
})

test("in its own namespace a lab cannot clash with the host's ranges", () => {
  expect(checkRanges(facts({ routes: wide }), { ...wanted, isolation: 'netns' })).toEqual([])
})

test('two clashes get two different proposals', () => {
  const routes = [management, provider].map(({ cidr }) => ({ range: cidr, device: 'eth1' }))
  const remedies = checkRanges(facts({ routes }), wanted).map(({ remedy }) => /^[\d./]+/.exec(remedy ?? '')![0])
  expect(new Set(remedies).size).toBe(2)
})

test('if every private range is taken, nothing is proposed', () => {
  expect(proposeRange([parseSubnet('0.0.0.0/1')!, parseSubnet('128.0.0.0/1')!])).toBeUndefined()
})

test("routes are read from ip's lines; default and loopback are left out", () => {
  const output = `default via 192.0.2.1 dev eth0
192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.2
10.8.0.1 via 10.8.0.5 dev tun0 metric 50
local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1
local 192.0.2.2 dev eth0 table local proto kernel scope host src 192.0.2.2
broadcast 192.0.2.255 dev eth0 table local proto kernel scope link src 192.0.2.2
172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1 linkdown
`
  expect(parseRoutes(output)).toEqual([
    { range: '192.0.2.0/24', device: 'eth0' },
    { range: '10.8.0.1/32', device: 'tun0' },
    { range: '192.0.2.2/32', device: 'eth0' },
    { range: '172.17.0.0/16', device: 'docker0' },
  ])
})

test('only ports that collide with 127.0.0.1 count', () => {
  const output = `LISTEN 0 128 0.0.0.0:22 0.0.0.0:*
LISTEN 0 128 127.0.0.1:8080 0.0.0.0:*
LISTEN 0 128 192.0.2.2:6080 0.0.0.0:*
LISTEN 0 128 127.0.0.53%lo:53 0.0.0.0:*
LISTEN 0 128 [::]:443 [::]:*
LISTEN 0 128 *:9090 *:*
`
  expect(parsePorts(output)).toEqual([22, 8080, 443, 9090])
})
