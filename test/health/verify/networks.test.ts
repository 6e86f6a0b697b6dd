import { describe, expect, test } from 'vitest'
import { judgeVlan, type Network } from '../../../scripts/health/verify/networks.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const lab = fixtureLab('kvm')

describe('the VLAN network', () => {
  const vlan = lab.networks.vlan!
  const network: Network = {
    id: 'n',
    name: vlan.name,
    status: 'ACTIVE',
    'provider:network_type': 'vlan',
    'provider:segmentation_id': 101,
  }
  const port = { network_id: 'n', device_owner: 'network:dhcp', status: 'ACTIVE' }

  test('is wired when its DHCP port is ACTIVE', () => {
    expect(judgeVlan(lab, vlan, [network], [port]).ok).toBe(true)
    expect(judgeVlan(lab, vlan, [network], [{ ...port, status: 'DOWN' }]).ok).toBe(false)
    expect(judgeVlan(lab, vlan, [network], []).ok).toBe(false)
    expect(judgeVlan(lab, vlan, [{ ...network, 'provider:segmentation_id': 7 }], [port]).ok).toBe(false)
    expect(judgeVlan(lab, vlan, [], [])).toMatchObject({ ok: false, seen: 'no such network' })
  })
})
