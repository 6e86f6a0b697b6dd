import { describe, expect, test } from 'vitest'
import { LabError } from '../../../scripts/declaration/errors.ts'
import { controllerOf } from '../../../scripts/declaration/lab.ts'
import type { LogLine } from '../../../scripts/insight/logs/line.ts'
import { inOrder, isWanted, lineReader } from '../../../scripts/insight/logs/read.ts'
import { parseSince } from '../../../scripts/insight/logs/since.ts'
import { shortName, sourcesOf } from '../../../scripts/insight/logs/sources.ts'
import { showLine, withDays } from '../../../scripts/insight/logs/text.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const lab = fixtureLab('lxc')
const line = (changes: Partial<LogLine> = {}): LogLine => ({
  at: Date.parse('2026-11-24T06:00:00.123Z'),
  node: 'controller',
  from: 'nova-api',
  level: 'INFO',
  text: 'GET /servers [req-1]',
  ...changes,
})

describe('--since', () => {
  const now = Date.parse('2026-11-24T06:30:00Z')
  test.each([
    ['30s', '2026-11-24T06:29:30'],
    ['10m', '2026-11-24T06:20:00'],
    ['2h', '2026-11-24T04:30:00'],
    ['1d', '2026-11-23T06:30:00'],
    ['06:15', '2026-11-24T06:15:00'],
    ['2026-11-23 22:00:01', '2026-11-23T22:00:01'],
    ['2026-11-23T22:00Z', '2026-11-23T22:00:00'],
    ['2026-11-23', '2026-11-23T00:00:00'],
  ])('%s', (given, at) => {
    expect(new Date(parseSince(given, now)).toISOString()).toBe(`${at}.000Z`)
  })

  test.each(['yesterday', '10 parsecs', '25:00', '2026-13-01', ''])('%j is refused with what is allowed', (given) => {
    expect(() => parseSince(given, now)).toThrow(LabError)
    expect(() => parseSince(given, now)).toThrow(/expected: 30s, 10m, 2h/)
  })
})

describe('what a query wants', () => {
  test('by time, level and request', () => {
    const wanted = isWanted({ nodes: [], services: [], since: line().at, level: 'WARNING', request: 'req-1' })
    expect(wanted(line({ level: 'ERROR' }))).toBe(true)
    expect(wanted(line({ level: 'ERROR', at: line().at - 1 }))).toBe(false)
    expect(wanted(line())).toBe(false)
    expect(wanted(line({ level: 'ERROR', text: 'another' }))).toBe(false)
  })

  test('lines of several logs are merged by time, those of one moment stay in their order', () => {
    const [a, b, c] = [line({ text: 'a', at: 2 }), line({ text: 'b', at: 1 }), line({ text: 'c', at: 2 })]
    expect(inOrder([a, b, c]).map(({ text }) => text)).toEqual(['b', 'a', 'c'])
  })
})

describe('sources', () => {
  const journal = (unit: string) =>
    `J ${JSON.stringify({ __REALTIME_TIMESTAMP: '1000', _SYSTEMD_UNIT: unit, MESSAGE: 'said' })}`

  test("a service's own units are taken from the journal, others are not", () => {
    const take = lineReader('controller', sourcesOf(lab, controllerOf(lab), ['nova']))
    expect(take(journal('nova-scheduler.service'))).toMatchObject({ from: 'nova-scheduler', text: 'said' })
    expect(take(journal('neutron-dhcp-agent.service'))).toBeUndefined()
    expect(take(journal('ssh.service'))).toBeUndefined()
  })

  test('base is what belongs to no service', () => {
    const take = lineReader('controller', sourcesOf(lab, controllerOf(lab), ['base']))
    expect(take(journal('ssh.service'))).toBeDefined()
    expect(take(journal('nova-scheduler.service'))).toBeUndefined()
  })

  test('without a name all services are included', () => {
    const { files } = sourcesOf(lab, controllerOf(lab), [])
    for (const folder of ['keystone', 'nova', 'neutron', 'cinder', 'apache2', 'rabbitmq', 'libvirt']) {
      expect(files.some((file) => file.startsWith(`/var/log/${folder}/`))).toBe(true)
    }
  })

  test.each([
    ['/var/log/nova/nova-api.log', 'nova-api'],
    ['/var/log/apache2/error.log', 'apache2-error'],
    ['/var/log/libvirt/qemu/instance-00000001.log', 'qemu-instance-00000001'],
  ])('%s is shown as %s', (path, name) => {
    expect(shortName(path)).toBe(name)
  })
})

describe('the text', () => {
  const nodes = ['controller', 'compute1']

  test('is plain without a terminal', () => {
    const style = { colours: false, nodes }
    expect(showLine(line(), style)).toBe('06:00:00.123 controller nova-api GET /servers [req-1]')
    expect(showLine(line({ node: 'compute1', level: 'ERROR' }), style)).toBe(
      '06:00:00.123 compute1   nova-api ERROR GET /servers [req-1]',
    )
  })

  test('is coloured by node and level, the request marked', () => {
    expect(showLine(line({ level: 'ERROR' }), { colours: true, nodes, mark: 'req-1' })).toBe(
      '\u001b[2m06:00:00.123\u001b[22m \u001b[36mcontroller\u001b[39m \u001b[36mnova-api\u001b[39m \u001b[31mERROR\u001b[39m GET /servers [\u001b[1mreq-1\u001b[22m]',
    )
  })

  test('shows the date of each new day', () => {
    const lines = [line(), line(), line({ at: Date.parse('2026-11-25T00:00:01Z') })]
    const shown = [...withDays(lines, ({ at }) => String(at).slice(-3), '2026-11-24')]
    expect(shown).toEqual(['123', '123', '--- 2026-11-25 (UTC)', '000'])
  })
})
