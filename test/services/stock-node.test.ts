import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import type { Lab } from '../../scripts/declaration/lab.ts'
import { leftOut, nodePackages } from '../../scripts/image/recipe.ts'
import { excerpt } from '../../scripts/image/tree-excerpts.ts'
import { serviceOf } from '../../scripts/services/index.ts'
import { installScript } from '../../scripts/services/stock-install.ts'
import { fixtureLab, fixtureSecrets, fixtureStockImage } from '../fixtures/lab.ts'

const stock = fixtureLab('kvm', { stockImage: fixtureStockImage })
const base = (lab: Lab) => serviceOf(lab, fixtureSecrets, 'base')
const files = (lab: Lab) => base(lab).parts.flatMap((part) => part.files)
const packagesOf = (lab: Lab, node: string) => {
  const list = files(lab).find((file) => file.path === '/etc/duostack/packages' && file.node === node)
  return String(list?.content).trim().split('\n')
}

describe('a node of a stock image', () => {
  test('gets everything that the services of its roles need at once, and what is in our own image', () => {
    const [controller, compute] = [packagesOf(stock, 'controller'), packagesOf(stock, 'compute1')]
    expect(controller).toEqual(expect.arrayContaining(['keystone', 'neutron-api', 'cinder-volume', 'tcpdump']))
    expect(compute).toEqual(expect.arrayContaining(['nova-compute', 'neutron-linuxbridge-agent', 'tcpdump']))
    expect(controller).not.toContain('nova-compute')
    expect(compute).not.toContain('keystone')
    expect([...controller, ...compute].filter((name) => !nodePackages.includes(name as 'curl'))).toEqual([])
  })

  test('gets nothing for a service that is off', () => {
    const without = { ...stock, services: { ...stock.services, horizon: false } }
    expect(packagesOf(without, 'controller')).not.toContain('openstack-dashboard')
    expect(packagesOf(stock, 'controller')).toContain('openstack-dashboard')
  })

  test('asks the declared sources, and leaves out what the image leaves out', () => {
    const contentOf = (path: string) => String(files(stock).find((file) => file.path === path)?.content)
    expect(contentOf('/etc/apt/sources.list.d/duostack.list')).toBe(`${fixtureStockImage.packageSources[0]}\n`)
    for (const pattern of leftOut) expect(contentOf('/etc/dpkg/dpkg.cfg.d/duostack')).toContain(`exclude=${pattern}\n`)
  })

  test('has its packages before anything else of base, and every service after base', () => {
    const [quiet, install, ssh, plain] = base(stock).parts
    expect(quiet!.absentUnits).toContain('apt-daily.timer')
    expect(install!.setup!.map(({ name }) => name)).toEqual([
      'the packages of the roles of this node',
      'kernel modules',
    ])
    expect(ssh!.units).toEqual(['ssh'])
    expect(plain).toEqual(base(fixtureLab('kvm')).parts[0])
  })

  test('is as other nodes are, to every other service', () => {
    for (const name of ['nova', 'neutron', 'mariadb'] as const) {
      expect(serviceOf(stock, fixtureSecrets, name)).toEqual(serviceOf(fixtureLab('kvm'), fixtureSecrets, name))
    }
  })
})

describe('the script that installs them', () => {
  test('is one that bash can read', async () => {
    await execa('bash', ['-n'], { input: installScript })
  })

  test("starts no daemon, and compiles during dpkg and after it, with the lines of the image's script", () => {
    const order = [
      'exit 101',
      'compileall',
      'cat > /usr/bin/py3compile',
      'xargs -a',
      'byte-code > /dev/null &',
      'collectstatic',
      '\nwait\n',
      'comm -13',
    ]
    const places = order.map((words) => installScript.indexOf(words))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places).not.toContain(-1)
  })

  test('does nothing that is only allowed in a tree that is not booted', () => {
    expect(installScript).not.toMatch(/preset-all|machine-id|ssh_host_|erlang\.cookie|\/var\/lib\/apt\/lists/)
  })
})

test('lines that are no longer in the script of the image are an error, not an empty step', () => {
  expect(excerpt('a\nb 1\nc\n\nd\n', 'b')).toBe('b 1\nc')
  expect(excerpt('a\nb 1\nc\n\nd\n', 'b', 'c')).toBe('b 1')
  expect(() => excerpt('a\n\nd\n', 'b')).toThrow(/no lines from "b"/)
  expect(() => excerpt('a\nb\n', 'b', 'x')).toThrow(/no lines/)
})
