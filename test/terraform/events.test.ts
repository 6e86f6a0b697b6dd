import { expect, test } from 'vitest'
import type { Outcome } from '../../scripts/run/progress/display.ts'
import type { Steps } from '../../scripts/run/progress.ts'
import { showEvents, type TerraformEvent } from '../../scripts/terraform/events.ts'

/** What a display would receive. */
function recorded() {
  const told: string[] = []
  const steps = {
    begin(title: string) {
      told.push(`begin ${title}`)
      return {
        note: (detail: string) => told.push(`note ${title}: ${detail}`),
        end: (outcome: Outcome, settled = title) => told.push(`${outcome} ${settled}`),
      }
    },
    line: (text: string) => told.push(`line ${text}`),
    waiting: (lines: readonly string[]) => told.push(...lines.map((line) => `waiting ${line}`)),
  } as unknown as Steps
  return { told, steps }
}

const needs: Record<string, string[]> = { nova: ['glance', 'placement'], glance: ['keystone'] }
const event = (type: string, rest: Partial<TerraformEvent> = {}): TerraformEvent => ({
  type,
  '@message': '',
  '@level': 'info',
  ...rest,
})
const planned = (name: string, action = 'create') =>
  event('planned_change', { change: { resource: { addr: `terraform_data.${name}` }, action } })
const hook = (type: string, name: string, rest = {}) =>
  event(type, { hook: { resource: { addr: `terraform_data.${name}` }, ...rest } })
const summary = (add: number, remove = 0) =>
  event('change_summary', { changes: { add, change: 0, remove, operation: 'apply' } })

function run(...events: TerraformEvent[]) {
  const { told, steps } = recorded()
  const shown = showEvents({ steps, stack: 'services', needsOf: (name) => needs[name] ?? [] })
  for (const one of events) shown.take(one)
  return { told, outcome: shown.end() }
}

test('each resource is a step, and so is the stack; what cannot start says what it waits for', () => {
  const { told, outcome } = run(
    planned('glance'),
    planned('nova'),
    hook('apply_start', 'glance'),
    hook('provision_progress', 'glance', { output: 'Executing: ["/bin/sh" "-c" "node …"]' }),
    hook('provision_progress', 'glance', { output: '  … controller: file /etc/glance/glance-api.conf' }),
    hook('apply_complete', 'glance', { action: 'create' }),
    hook('apply_start', 'nova'),
    hook('apply_complete', 'nova', { action: 'create' }),
    summary(2),
  )
  expect(told).toEqual([
    'begin stack services',
    'note stack services: reading the current state',
    'begin services: glance',
    'note stack services: 0 of 2',
    'waiting services: nova waits for glance',
    'note services: glance: controller: file /etc/glance/glance-api.conf',
    'done services: glance created',
    'note stack services: 1 of 2',
    'begin services: nova',
    'note stack services: 1 of 2',
    'done services: nova created',
    'note stack services: 2 of 2',
    'done services: 2 services applied',
  ])
  expect(outcome.changes).toMatchObject({ add: 2, remove: 0 })
})

test('a replaced resource counts once, when it is created again', () => {
  const { told } = run(
    planned('glance', 'replace'),
    hook('apply_start', 'glance', { action: 'delete' }),
    hook('apply_complete', 'glance', { action: 'delete' }),
    hook('apply_start', 'glance'),
    hook('apply_complete', 'glance', { action: 'create' }),
    summary(1, 1),
  )
  // The old one is removed silently: on the nodes nothing is removed.
  expect(told.filter((line) => /^(begin|done) services: glance/.test(line))).toEqual([
    'begin services: glance',
    'done services: glance applied again',
  ])
  expect(told.at(-1)).toBe('done services: 1 service applied again')
  expect(told.filter((line) => / of 1/.test(line)).at(-1)).toBe('note stack services: 1 of 1')
  expect(told.filter((line) => / 1 of 1/.test(line))).toHaveLength(1)
})

test('a failure: the step is marked, steps that ran in parallel were stopped, the diagnosis is kept', () => {
  const detail =
    "Error running command 'node scripts/provision.ts nova': exit status 1. Output:   … controller: database nova\n" +
    '  ✓ controller: file /etc/nova/nova.conf\n  … controller: running nova-api\nnova-api did not start\n'
  const diagnostic = { severity: 'error', summary: 'local-exec error', detail, address: 'terraform_data.nova' }
  const { told, outcome } = run(
    planned('nova'),
    planned('cinder'),
    hook('apply_start', 'nova'),
    hook('apply_start', 'cinder'),
    hook('apply_errored', 'nova', { action: 'create' }),
    event('diagnostic', { diagnostic }),
  )
  expect(told).toContain('failed services: nova failed')
  expect(told).toContain('stopped services: cinder')
  expect(told.at(-1)).toBe('failed services: 0 of 2 done')
  expect(outcome.diagnostics).toEqual([
    'nova: exit status 1: node scripts/provision.ts nova\n  ✓ controller: file /etc/nova/nova.conf\nnova-api did not start',
  ])
})

test('nothing to change is one line', () => {
  expect(run(summary(0)).told.at(-1)).toBe('done services: nothing changed')
})
