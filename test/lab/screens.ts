/** Screens of the gallery: what people see of a lab that is healthy, broken or missing. */

import { noLab } from '../../scripts/declaration/expect-lab.ts'
import type { Diagnosis } from '../../scripts/health/doctor/diagnose.ts'
import { showDiagnosis } from '../../scripts/health/doctor/text.ts'
import type { CloudStatus } from '../../scripts/health/status/cloud.ts'
import type { NodeStatus } from '../../scripts/health/status/nodes.ts'
import { isHealthy, type Status } from '../../scripts/health/status/status.ts'
import { showStatus } from '../../scripts/health/status/text.ts'
import { findTroubles } from '../../scripts/health/status/troubles.ts'
import { showObservations } from '../../scripts/health/verify/text.ts'
import { unknownCommand } from '../../scripts/lab/check-arguments.ts'
import { withPages } from '../../scripts/lab/doc-pages.ts'
import { renderCommandHelp, renderHelp } from '../../scripts/lab/help.ts'
import { howToGetIn } from '../../scripts/lab/how-to-get-in.ts'
import { describe, standingOf } from '../../scripts/lab/overview.ts'
import { showOverview } from '../../scripts/lab/standings.ts'
import type { Observation } from '../../scripts/run/check.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('lxc')
const now = Date.parse('2026-01-01T00:12:00Z')

const unit = (service: 'keystone' | 'glance' | 'nova', name: string, state = 'active') => ({
  service,
  unit: name,
  state,
  ...(state === 'active' ? { sinceSeconds: 700 } : {}),
})

const node = (name: string, address: string, units: NodeStatus['units']): NodeStatus => ({
  ...{ name, address, roles: [name], state: 'running', memoryMiB: 6144, usedMiB: 3072, load: 0.5, upSeconds: 3700 },
  units: units ?? [],
})

const fine = (id: string, what: string, kind: string): Observation => ({
  ...{ id, what, ok: true, seen: 'up, enabled', next: '' },
  data: { kind, count: 1 },
})

const agents = [
  fine('agents/controller', '3 network agents alive on controller', 'network agent'),
  fine('daemon/nova-scheduler/controller', 'nova-scheduler up on controller', 'nova-scheduler'),
  fine('daemon/nova-compute/compute1', 'nova-compute up on compute1', 'nova-compute'),
]

const cloud: CloudStatus = {
  endpoints: [fine('endpoint/image/public', 'glance answers at http://10.0.0.11:9292', 'endpoint')],
  agents,
  instances: [
    {
      ...{ id: 'i1', name: 'test', own: true, status: 'ACTIVE', address: '203.0.113.110', host: 'compute1' },
      created: '2026-01-01T00:00:00Z',
    },
  ],
  volumes: [{ id: 'v1', name: 'test-volume', own: true, status: 'in-use', sizeGiB: 1, attachedTo: [] }],
}

function statusOf(nodes: NodeStatus[], seen: CloudStatus): Status {
  const troubles = findTroubles(nodes, seen)
  return { lab, healthy: isHealthy(troubles), troubles, nodes, cloud: seen }
}

const controller = node('controller', '10.0.0.11', [unit('keystone', 'keystone'), unit('glance', 'glance-api')])
const healthy = statusOf([controller, node('compute1', '10.0.0.31', [unit('nova', 'nova-compute')])], cloud)
const broken = statusOf([controller, node('compute1', '10.0.0.31', [unit('nova', 'nova-compute', 'failed')])], {
  ...cloud,
  stale: ['daemon/nova-compute/compute1'],
  instances: [
    {
      ...cloud.instances[0]!,
      status: 'ERROR',
      fault: 'No valid host was found. There are not enough hosts available to satisfy the request.',
    },
  ],
})

const checks: Observation[] = [
  ...agents,
  {
    ...{ id: 'instance/test/ping', what: 'test answers ping at 203.0.113.110', ok: false },
    seen: '3 packets transmitted, 0 received, 100% packet loss, and no answer for as long as was waited for',
    next: './lab topology --path test; ./lab ssh compute1 journalctl -u neutron-linuxbridge-agent -n 50 --no-pager',
  },
]

const diagnosis: Diagnosis = {
  problems: [
    {
      ...{ rule: 'unit-down', about: 'compute1/nova-compute', symptom: 'a unit of the lab is not running' },
      cause: 'it was stopped, or it failed and systemd has given up starting it again after so many attempts',
      evidence: ['unit nova-compute loaded failed enabled', 'Main process exited, code=exited, status=1/FAILURE'],
      next: './lab ssh compute1 systemctl restart nova-compute',
      fix: { node: 'compute1', script: 'systemctl restart nova-compute' },
      follows: ['compute-down compute1'],
    },
  ],
  ...{
    unread: [{ rule: 'clock-adrift', at: 'compute1', why: 'no answer within 10 s' }],
    looked: 64,
    deployed: ['nova'],
  },
}

/** Each as text for a screen of this width; 0: a pipe. */
export const screens: Readonly<Record<string, (columns: number) => string | Promise<string>>> = {
  'overview-no-lab': () => showOverview('none'),
  'overview-healthy': () => showOverview(standingOf(healthy, true), lab, describe(healthy)),
  'overview-broken': () => showOverview(standingOf(broken, true), lab, describe(broken)),
  'overview-no-answer': () => showOverview(standingOf(undefined, true), lab),
  help: (columns) => renderHelp(columns || 80),
  'help-up': (columns) => renderCommandHelp('up', columns || 80),
  'help-logs': (columns) => renderCommandHelp('logs', columns || 80),
  'end-of-up': () => howToGetIn(lab),
  'status-healthy': (columns) => showStatus(healthy, columns || undefined, now),
  'status-broken': (columns) => showStatus(broken, columns || undefined, now),
  'verify-failed': () => showObservations(checks),
  'doctor-problem': () => showDiagnosis(diagnosis),
  'error-no-lab': () => withPages(noLab().message, noLab()),
  'error-mistyped': () => unknownCommand('stauts').message,
}
