import { describe, expect, test } from 'vitest'
import { containerDevices, renderContainer } from '../../scripts/nodes/container-xml.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('lxc')
const [controller, compute] = lab.nodes as [(typeof lab.nodes)[0], (typeof lab.nodes)[0]]

describe('the description of a container', () => {
  test('is what its snapshot shows', () => {
    expect(renderContainer(lab, controller)).toMatchSnapshot()
  })

  test('has the mark by which it is found and removed', () => {
    expect(renderContainer(lab, compute)).toContain('<description>duostack lab 1a2b3c4d</description>')
  })

  test('keeps its uuid, so that defining it again changes it instead of clashing', () => {
    const uuid = (xml: string) =>
      /<uuid>([0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12})</.exec(xml)?.[1]
    const first = uuid(renderContainer(lab, controller))
    expect(first).toBeDefined()
    expect(uuid(renderContainer(lab, { ...controller, memoryMiB: 1 }))).toBe(first)
    expect(uuid(renderContainer(lab, compute))).not.toBe(first)
    expect(uuid(renderContainer({ ...lab, id: 'ffffffff' }, controller))).not.toBe(first)
  })

  test('drops the capabilities with which root in it could harm this machine', () => {
    const xml = renderContainer(lab, controller)
    for (const name of ['mac_admin', 'sys_boot', 'sys_module', 'sys_time'])
      expect(xml).toContain(`<${name} state='off'/>`)
  })

  test('is given the devices that this machine has, and never the hardware virtualization', () => {
    const xml = renderContainer(
      lab,
      controller,
      containerDevices((path) => path === '/dev/net/tun'),
    )
    expect(xml.match(/<char>[^<]*/g)).toEqual(['<char>/dev/net/tun'])
    expect(
      renderContainer(
        lab,
        controller,
        containerDevices(() => true),
      ),
    ).not.toContain('kvm')
  })

  test('has its interfaces in the order that the node expects', () => {
    const interfaces = renderContainer(lab, compute).match(/network='[^']*'|dev='eth\d'/g)
    expect(interfaces).toEqual([
      `network='duostack-management'`,
      `dev='eth0'`,
      `network='duostack-provider'`,
      `dev='eth1'`,
    ])
  })
})
