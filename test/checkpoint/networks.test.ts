import { expect, test } from 'vitest'
import { renderNetwork } from '../../scripts/checkpoint/networks.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const { management } = fixtureLab('lxc').networks
const uuid = '044a3ff3-7f57-4d18-9008-c6e71285860f'

test('a network is described as the libvirt provider makes it, with the uuid that Terraform knows', () => {
  expect(renderNetwork(management, uuid)).toBe(`<network xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'>
  <name>duostack-management</name>
  <uuid>${uuid}</uuid>
  <bridge name='1a2b3c4d-mgmt' stp='on' delay='0'/>
  <ip family='ipv4' address='10.0.0.1' prefix='24'/>
  <dnsmasq:options>
    <dnsmasq:option value='port=0'/>
  </dnsmasq:options>
</network>
`)
})

test.each([undefined, 4, `${uuid}</uuid><x/>`, `${uuid}\n`])('%j is no uuid and is left out', (given) => {
  expect(renderNetwork(management, given)).not.toContain('uuid')
})
