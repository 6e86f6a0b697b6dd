/** The stack `services`, as Terraform reads it. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'cdktf'
import { expect, test } from 'vitest'
import type { Lab } from '../../scripts/declaration/lab.ts'
import { enabledServices, serviceOf } from '../../scripts/services/index.ts'
import { ServicesStack } from '../../stacks/services.ts'
import { fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

interface Resource {
  depends_on?: string[]
  triggers_replace: Record<string, string>
  provisioner: { 'local-exec': { command: string; working_dir: string } }[]
}

function synth(lab: Lab): { text: string; resources: Record<string, Resource> } {
  const outdir = mkdtempSync(join(tmpdir(), 'duostack-synth-'))
  try {
    const app = new App({ outdir })
    new ServicesStack(app, 'services', lab, fixtureSecrets)
    app.synth()
    const text = readFileSync(join(outdir, 'stacks/services/cdk.tf.json'), 'utf8')
    return { text, resources: JSON.parse(text).resource.terraform_data }
  } finally {
    rmSync(outdir, { recursive: true })
  }
}

const lab = fixtureLab('kvm')
const { text, resources } = synth(lab)

test('each service is one resource that runs its own provisioner in the checkout', () => {
  expect(Object.keys(resources).sort()).toEqual(enabledServices(lab).sort())
  for (const [name, { provisioner }] of Object.entries(resources)) {
    expect(provisioner).toEqual([
      { 'local-exec': { command: `node scripts/run.mjs scripts/provision.ts ${name}`, working_dir: lab.root } },
    ])
  }
})

test("dependencies are the services' needs", () => {
  for (const name of Object.keys(resources) as (keyof Lab['services'])[]) {
    const needs = serviceOf(lab, fixtureSecrets, name).needs.map((need) => `terraform_data.${need}`)
    expect(resources[name]!.depends_on ?? []).toEqual(needs)
  }
})

// Horizon is off here, and one setting of Glance is another.
const configOverrides = { '/etc/glance/glance-api.conf': { DEFAULT: { debug: 'true' } } }
const other = synth({ ...lab, configOverrides, services: { ...lab.services, horizon: false } }).resources

test('changing one setting of Glance changes the trigger of Glance alone', () => {
  const changed = Object.keys(resources).filter(
    (name) => other[name]!.triggers_replace['digest'] !== resources[name]!.triggers_replace['digest'],
  )
  expect(changed.sort()).toEqual(['glance', 'horizon'])
})

test('no secret is in the stack', () => {
  for (const secret of Object.values(fixtureSecrets)) expect(text).not.toContain(secret)
})

test('a service that is switched off stays a resource, marked absent; it only needs the catalog', () => {
  expect(other['horizon']).toMatchObject({ triggers_replace: { state: 'absent' } })
  expect(other['horizon']!.depends_on).toEqual(['terraform_data.keystone'])
})
