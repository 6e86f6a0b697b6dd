import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CommandError, ConnectError, LabError, NotReadyError } from '../../scripts/declaration/errors.ts'
import { showDiagnosis } from '../../scripts/health/doctor/text.ts'
import { showStatus } from '../../scripts/health/status/text.ts'
import { showObservations } from '../../scripts/health/verify/text.ts'
import { lookAtHost } from '../../scripts/host/preflight.ts'
import { showHostReport } from '../../scripts/host/report.ts'
import { readJournal } from '../../scripts/insight/logs/line.ts'
import { lineReader } from '../../scripts/insight/logs/read.ts'
import { showLine } from '../../scripts/insight/logs/text.ts'
import { escapeHtml } from '../../scripts/insight/page/page.ts'
import { showChanges } from '../../scripts/insight/plan/changes-text.ts'
import { showTimings } from '../../scripts/insight/report/timing-table.ts'
import { renderSvg } from '../../scripts/insight/topology/render-svg.ts'
import { showTopology } from '../../scripts/insight/topology/render-text.ts'
import { traceOf } from '../../scripts/insight/trace/flow.ts'
import { renderMermaid } from '../../scripts/insight/trace/render-mermaid.ts'
import { showTrace } from '../../scripts/insight/trace/render-text.ts'
import { createPlainDisplay } from '../../scripts/run/progress/plain.ts'
import { runningRow, settledRow, waitingRow } from '../../scripts/run/progress/row.ts'
import { safe } from '../../scripts/terminal/print.ts'
import { fitMachine, wanted } from '../host/facts.ts'
import { topology } from '../insight/topology/recording.ts'
import { readRecording } from '../insight/trace/recording.ts'
import { fakeTerminal } from '../run/progress/stream.ts'
import { faultsOf, hostileText, infest, raw } from './hostile.ts'

const trace = traceOf(readRecording('launch'))
const observations = [
  { id: 'instance/test/active', what: 'instance test ACTIVE', ok: true, seen: 'ACTIVE on compute1', next: '' },
  {
    id: 'instance/test/active',
    what: 'instance test ACTIVE',
    ok: false,
    seen: 'ERROR (no host)',
    next: './lab status',
  },
]
const trouble = {
  id: 'instance/1',
  what: 'instance test',
  seen: 'ERROR',
  next: './lab openstack server show 1',
  ofUser: true,
}
const status: Parameters<typeof showStatus>[0] = {
  lab: { id: '1a2b3c4d', name: 'duostack', hypervisor: 'lxc', isolation: 'netns' },
  healthy: true,
  troubles: [trouble],
  nodes: [{ name: 'c', roles: [], address: '10.0.0.11', state: 'running', memoryMiB: 1, silent: 'no answer' }],
  cloud: {
    endpoints: [{ id: 'endpoint/image/public', what: 'glance answers', ok: false, seen: '503', next: '' }],
    agents: [],
    instances: [
      { id: '1', name: 'test', own: false, status: 'ERROR', address: '', host: 'c', created: '2026', fault: '' },
    ],
    volumes: [{ id: '2', name: 'data', own: false, status: 'error', sizeGiB: 1, attachedTo: [] }],
  },
}
const finding = {
  rule: 'instance-error' as const,
  about: 'test',
  symptom: 'an instance is in ERROR',
  cause: 'its launch failed',
  evidence: ['server test: no host', 'more'],
  next: './lab up',
  follows: ['instance-silent test'],
}
const changes = {
  nodes: ['compute1'],
  services: [],
  resources: [{ stack: 'cloud' as const, name: 'x', action: 'update' as const, attributes: [] }],
  unread: [{ stack: 'cloud' as const, reason: 'no answer' }],
}
const steps = [{ stack: 'cloud', name: 'x', start: 0, end: 1000, outcome: 'done' as const }]

/** Every command that prints lines from data, with hostile text in every word of that data. */
const shows: Readonly<Record<string, (text: string) => string>> = {
  // The nodes' kind is one of our own words and must be valid.
  status: (text) => {
    const infested = infest(status, text)
    return showStatus({ ...infested, lab: { ...infested.lab!, hypervisor: 'lxc' } }, undefined, 0)
  },
  verify: (text) => showObservations(infest(observations, text)),
  doctor: (text) =>
    showDiagnosis({
      problems: [infest(finding, text)],
      unread: infest([{ rule: 'instance-error' as const, at: 'compute1', why: 'no answer' }], text),
      looked: 2,
      deployed: ['nova'],
    }),
  'doctor --host': (text) => {
    const lines = lookAtHost(fitMachine, wanted).map((line) => ({ ...line, ...infest({ seen: line.seen }, text) }))
    const choice = { value: 'none', because: 'as configured' } as const
    return showHostReport({ fit: true, hypervisor: { ...choice, value: 'kvm' }, isolation: choice, lines })
  },
  topology: (text) => {
    const machines = topology.machines.map((one) => ({
      ...one,
      instances: one.instances.map((instance) => ({ ...instance, name: `${instance.name}${text}` })),
    }))
    const networks = topology.networks.map((one) => ({ ...one, name: `${one.name}${text}` }))
    return showTopology({ ...topology, machines, networks })
  },
  trace: (text) =>
    showTrace({
      ...infest(trace, text),
      steps: trace.steps.map((step) => ({ ...infest(step, text), textStep: step.textStep })),
    }),
  plan: (text) => showChanges({ ...changes, ...infest({ nodes: changes.nodes, unread: changes.unread }, text) }),
  timings: (text) =>
    showTimings({
      begun: '2026-01-01',
      ended: '2026-01-02',
      steps: infest(steps, text).map((one) => ({ ...one, outcome: 'done' })),
    }),
  'a declaration that is wrong': (text) =>
    new LabError([infest({ where: 'all.yml', given: 'x', allowed: 'y', remedy: 'z' }, text)]).message,
  'a node that is silent': (text) => new ConnectError('compute1', `no route${text}`, `./lab ssh${text}`).message,
  'a command that failed': (text) =>
    new CommandError({ node: 'host', step: `do${text}`, paste: 'true', exitCode: 1, output: 'x' }).message,
  'an API that refused': (text) => new NotReadyError(`GET /${text}`, 0, `500 ${text}`, `look${text}`).message,
  'a step that ended': (text) => settledRow(`fetch ${text}`, 'done', 1, { width: 80, colours: false, now: 0 }),
  'a step that runs': (text) =>
    runningRow({ title: `t${text}`, detail: `d${text}`, start: 0, heard: 0 }, { width: 900, colours: false, now: 0 }),
  'a step that waits': (text) => waitingRow(`w${text}`, { width: 900, colours: false, now: 0 }),
  'trace --mermaid': (text) => renderMermaid(infest({ ...trace, steps: trace.steps.slice(0, 3) }, text)),
}

describe('with hostile text everywhere in its data, no line of ours has a control character or is broken', () => {
  test.each(Object.entries(shows))('%s', (_, show) => {
    const harmless = show('')
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(faultsOf(show(text), harmless)).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  test('a name is shown whole, so that two that look alike are told apart', () => {
    expect(shows['status']!('\u202e')).toContain('test\\u202e')
    expect(shows['topology']!('\u001b]0;x\u0007')).toContain('(instance-')
  })

  test('output of a failed command: its lines stay lines', () => {
    const output = 'one\n\u001b[31mtwo\u001b[0m\r\nthree'
    const failed = new CommandError({ node: 'host', step: 's', paste: 'a\nb', exitCode: 1, output })
    expect(failed.message).toBe(
      'host: s: exit code 1\n    command: a\nb\n    one\n    \\x1b[31mtwo\\x1b[0m\\r\n    three',
    )
    expect(failed.failure.output).toBe(output)
  })

  test('progress without a terminal', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const stream = fakeTerminal(undefined)
        const display = createPlainDisplay(stream)
        const step = display.begin(`image ${text}`)
        step.note(`detail ${text}`)
        step.end('failed')
        display.line(safe('a line'))
        expect(stream.text().replaceAll('\n', '')).not.toMatch(raw)
        expect(stream.text().split('\n')).toHaveLength(3)
      }),
    )
  })

  test('pages and pictures', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(escapeHtml(text).replaceAll(/[\n\t]/g, '')).not.toMatch(raw)
        const networks = topology.networks.map((one) => ({ ...one, name: text }))
        expect(renderSvg({ ...topology, networks }).replaceAll(/[\n\t]/g, '')).not.toMatch(raw)
      }),
      { numRuns: 20 },
    )
  })
})

describe('logs', () => {
  const style = { colours: false, nodes: ['controller'] }
  const head = '[pid: 2185|app: 0|req: 3/3] 10.0.0.1 () {36 vars in 600 bytes} [Tue Nov  3 06:05:00 2026] GET /v3/'
  const tail = ' => generated 250 bytes in 3 msecs (HTTP/1.1 200) 8 headers'
  const read = (raw: string) =>
    lineReader('controller', { files: [], units: new Set(['nova-api']), system: false, known: new Set() })(raw)

  test('a request path with nested escapes is shown and not interpreted', () => {
    const line = read(`F /var/log/keystone/keystone.log ${head}\u001b\u001b[0m[31mred${tail}`)
    expect(showLine(line!, style)).toContain('GET /v3/\\x1b[31mred =>')
  })

  test('whatever a request path contains, its line appears once, with its own time', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const path = text.replaceAll('\n', '')
        const line = read(`F /var/log/keystone/keystone.log ${head}${path}${tail}`)
        expect(line?.at).toBe(Date.parse('2026-11-03T06:05:00Z'))
        expect(faultsOf(showLine(line!, style).replaceAll('\t', ''), 'one line')).toEqual([])
      }),
    )
  })

  test('each line of a multi-line message has the same prefix', () => {
    const MESSAGE = 'first\n06:00:00.000 controller nova-api ERROR forged'
    const entry = readJournal(JSON.stringify({ __REALTIME_TIMESTAMP: '0', _SYSTEMD_UNIT: 'nova-api', MESSAGE }))
    const shown = showLine({ ...entry!, node: 'controller' }, style).split('\n')
    expect(shown).toEqual([
      '00:00:00.000 controller nova-api first',
      '00:00:00.000 controller nova-api 06:00:00.000 controller nova-api ERROR forged',
    ])
  })
})
