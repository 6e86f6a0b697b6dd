import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Recording } from '../../../scripts/insight/trace/evidence.ts'
import { traceOf } from '../../../scripts/insight/trace/flow.ts'
import { showTrace } from '../../../scripts/insight/trace/render-text.ts'
import { textSteps } from '../../../scripts/insight/trace/steps.ts'
import { readRecording } from './recording.ts'

const trace = traceOf(readRecording('launch'))
const step = (id: string) => trace.steps.find(({ textStep }) => textStep === id)!

describe('the trace of a launch that was recorded', () => {
  test('has all textbook steps once each, and none is missing', () => {
    expect(
      trace.steps
        .map(({ textStep }) => textStep)
        .filter(Boolean)
        .sort(),
    ).toEqual(textSteps.map(({ id }) => id).sort())
    expect(trace.notSeen).toEqual([])
    expect(trace.stop).toBeUndefined()
    expect(trace.lost).toBe(0)
  })

  test('tells a call from a cast at every step that passes the queue', () => {
    expect(step('nova-5')).toMatchObject({ kind: 'RPC call', rpc: 'call', to: 'rabbitmq-server@controller' })
    expect(step('nova-6')).toMatchObject({ kind: 'queue', rpc: 'call', to: 'nova-scheduler@controller' })
    expect(step('nova-8')).toMatchObject({ kind: 'RPC cast', rpc: 'cast' })
    expect(step('nova-9')).toMatchObject({ kind: 'RPC call', rpc: 'call', from: 'nova-compute@compute1' })
    expect(step('nova-12')).toMatchObject({ kind: 'RPC reply', rpc: 'reply', from: 'nova-conductor@controller' })
    expect(step('network-3')).toMatchObject({ kind: 'RPC cast', rpc: 'cast', from: 'neutron-api@controller' })
    expect(step('network-6')).toMatchObject({ kind: 'RPC call', rpc: 'call', from: 'neutron-dhcp-agent@controller' })
    const queued = trace.steps.filter(({ from, to }) => /^rabbitmq/.test(from) || /^rabbitmq/.test(to))
    expect(queued.filter(({ rpc }) => rpc === undefined)).toEqual([])
  })

  test('says next to the step what Zed does differently, why, and since when', () => {
    expect(step('nova-5').from).toBe('nova-conductor@controller')
    expect(step('nova-5').zed?.does).toContain('nova-conductor')
    expect(step('nova-5').zed?.since).toContain('Ocata')
    expect(step('image-1').zed?.does).toContain('glance-registry')
    for (const { zed } of textSteps) if (zed) expect(Object.values(zed).every(Boolean)).toBe(true)
  })

  test('names the processes of both nodes, and the client on this host', () => {
    const parties = new Set(trace.steps.flatMap(({ from, to }) => [from, to]))
    for (const party of [
      'client@host',
      'nova-api@controller',
      'nova-compute@compute1',
      'neutron-linuxbridge-agent@compute1',
    ]) {
      expect(parties).toContain(party)
    }
  })

  test('a token that Keystone validated for nova-api is found in memcached by the others', () => {
    expect(step('nova-3')).toMatchObject({ kind: 'REST', to: 'keystone@controller' })
    expect(step('network-2')).toMatchObject({ kind: 'cache', what: expect.stringContaining(' found') })
  })

  test('shows where the time went', () => {
    expect(trace.durations.length).toBeGreaterThan(8)
    for (const { fromMs: from, tookMs: took } of trace.durations) {
      expect(from).toBeGreaterThanOrEqual(0)
      expect(from + took).toBeLessThanOrEqual(trace.tookMs + 1)
    }
    expect(trace.services.map(({ service }) => service)).toContain('placement-api')
  })
})

describe('the trace of a launch that fails', () => {
  const expected = {
    'no-valid-host': {
      after: 'nova-6',
      because: /No valid host/,
      seen: ['nova-4', 'nova-6'],
      not: ['nova-8', 'network-1'],
    },
    quota: {
      after: 'nova-3',
      because: /Quota exceeded for cores/,
      seen: ['nova-2', 'nova-3'],
      not: ['nova-4', 'nova-5'],
    },
    'wrong-image': {
      because: /not in a supported format/i,
      seen: ['nova-13', 'image-3'],
      not: ['network-12', 'network-13'],
    },
    'dead-dhcp-agent': {
      because: /port_create_end \(RPC cast\) is still in the queue/,
      after: 'network-3',
      seen: ['network-3', 'network-13'],
      not: ['network-4', 'network-5', 'network-6', 'network-7'],
    },
    'stopped-scheduler': {
      after: 'nova-5',
      because: /select_destinations \(RPC call\) is still in the queue/,
      seen: ['nova-4', 'nova-5'],
      not: ['nova-6', 'nova-8'],
    },
  } as const

  test.each(Object.entries(expected))(
    '%s: how far it came, and the lines that say why',
    (name, { because, seen, not, ...rest }) => {
      const { stop, steps, notSeen } = traceOf(readRecording(name))
      const found = steps.map(({ textStep }) => textStep)
      expect(stop?.because).toMatch(because)
      if ('after' in rest) expect(stop?.after).toBe(rest.after)
      expect(stop?.evidence.length).toBeGreaterThan(0)
      for (const id of seen) expect(found).toContain(id)
      for (const id of not) {
        expect(found).not.toContain(id)
        expect(notSeen.find(({ textStep }) => textStep === id)?.reason).toBeTruthy()
      }
    },
  )
})

describe('the trace of a launch that was not recorded', () => {
  const recording = readRecording('launch')
  const normal: Recording = {
    ...recording,
    source: 'logs',
    files: recording.files.filter(({ file }) => !file.includes('/trace-')),
  }

  test('shows what the normal logs and the databases say, and how to see the rest', () => {
    const past = traceOf(normal)
    const found = past.steps.map(({ textStep }) => textStep)
    for (const id of ['nova-2', 'nova-4', 'network-9', 'network-12', 'network-13', 'image-3', 'volume-3'])
      expect(found).toContain(id)
    for (const id of ['nova-5', 'nova-9', 'network-3']) expect(found).not.toContain(id)
    expect(past.notSeen.every(({ reason }) => reason.includes('./lab trace --launch'))).toBe(true)
  })
})

test('an earlier launch that found no host: steps in order, colours removed, the last step that was seen', () => {
  const [request, day] = ['req-11111111-2222-3333-4444-555555555555', '2026-11-24 06:22:10']
  const log = (unit: string, line: string) => ({
    node: 'controller',
    file: `/var/log/nova/${unit}.log`,
    first: 1,
    lines: [line],
  })
  const esc = '\u001b'
  const past = traceOf({
    ...readRecording('no-valid-host'),
    source: 'logs',
    ids: { requests: [request], ports: [], volumes: [], macs: [], instance: 'i1' },
    began: Date.parse('2026-11-24T06:22:10Z'),
    files: [
      {
        node: 'controller',
        file: 'mariadb:nova_api.request_specs',
        first: 0,
        lines: ['instance_uuid\tcreated_at', `i1\t${day}`],
      },
      log(
        'nova-api',
        `${day}.500 12 INFO nova.wsgi [${request} - -] "POST /v2.1/servers" status: 202 time: 0.28${esc}[00m`,
      ),
      log(
        'nova-scheduler',
        `${esc}[00;32m${day}.900 13 INFO nova.scheduler [${request} - -] Got no allocation candidates${esc}[00m`,
      ),
    ],
  })
  expect(past.steps.flatMap(({ textStep }) => textStep ?? [])).toEqual(['nova-2', 'nova-4', 'nova-6'])
  expect(past.steps.map(({ atMs }) => atMs)).toEqual([500, 500, 900])
  expect(past.steps[0]!.evidence.text).toMatch(/time: 0\.28$/)
  const text = showTrace(past)
  expect(text).toContain('the last step that was seen is Nova 6: the instance is ERROR')
  expect(text.match(/the normal logs do not show it/g)).toHaveLength(1)
})

test('the recordings contain no secret and no token', () => {
  for (const name of ['launch', 'quota']) {
    const text = readFileSync(new URL(`recorded/${name}.json`, import.meta.url), 'utf8')
    expect(text).not.toMatch(/gAAAA[\w-]{20}/)
    expect(text).not.toMatch(/rabbit:\/\/|mysql\+pymysql:|password["']?[:=]\s*["'][^"'…]/i)
  }
})
