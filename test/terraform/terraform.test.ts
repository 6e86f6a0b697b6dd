import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeIdentity } from '../../scripts/declaration/identity.ts'
import { cdktfEnvironment } from '../../scripts/host/cdktf.ts'
import { parseMemory } from '../../scripts/host/facts.ts'
import { isRecent } from '../../scripts/terraform/facts.ts'
import { readState } from '../../scripts/terraform/state.ts'
import { terraformEnvironment, writeTerraformChoice } from '../../scripts/terraform/terraform.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const program = { name: 'tofu', path: '/opt/tofu' } as const

function makeLab(isolation: 'none' | 'netns', registry: boolean) {
  const root = temporaryFolder()
  const lab = { ...fixtureLab('lxc'), root, isolation }
  const network = { cidr: '10.0.0.0/24', hostAddress: '10.0.0.1' }
  writeIdentity(root, {
    id: lab.id,
    name: lab.name,
    hypervisor: 'lxc',
    isolation,
    imageDigest: lab.imageDigest,
    terraform: program,
    networks: { management: network, provider: network },
    capabilities: lab.capabilities,
    created: '2026-01-01T00:00:00.000Z',
  })
  writeTerraformChoice(lab, program, { registry })
  return lab
}

test('if the registry can be reached, no mirror is forced', () => {
  const environment = terraformEnvironment(makeLab('none', true))
  expect(environment['TERRAFORM_BINARY_NAME']).toBe('/opt/tofu')
  expect(environment).not.toHaveProperty('TF_CLI_CONFIG_FILE')
  expect(environment).not.toHaveProperty('CDKTF_SKIP_PROVIDER_LOCK')
})

test.each([
  ['none', false],
  ['netns', true],
] as const)('isolation %s, registry reachable %s: the mirror is used', (isolation, registry) => {
  const environment = terraformEnvironment(makeLab(isolation, registry))
  expect(environment['CDKTF_SKIP_PROVIDER_LOCK']).toBe('true')
  expect(readFileSync(environment['TF_CLI_CONFIG_FILE']!, 'utf8')).toMatch(/filesystem_mirror \{ path = "\/.*" \}/)
})

test('before the first prepare nothing is known about Terraform', () => {
  const lab = { ...fixtureLab('lxc'), root: temporaryFolder() }
  expect(Object.keys(terraformEnvironment(lab)).sort()).toEqual([
    'CDKTF_STACKS',
    'CHECKPOINT_DISABLE',
    'NO_PROXY',
    'OS_CLIENT_CONFIG_FILE',
    'no_proxy',
  ])
})

test('a bare deploy or destroy takes all stacks, diff its one, and a named stack stays the only one', () => {
  const lab = makeLab('netns', false)
  expect(cdktfEnvironment(lab, ['deploy', '--auto-approve'], {})['CDKTF_STACKS']).toBe('*')
  expect(cdktfEnvironment(lab, ['destroy'], {})['CDKTF_STACKS']).toBe('*')
  expect(cdktfEnvironment(lab, ['diff', 'nodes'], {})).not.toHaveProperty('CDKTF_STACKS')
  expect(cdktfEnvironment(lab, ['deploy', 'services'], {})).not.toHaveProperty('CDKTF_STACKS')
})

test("the user's own settings stay, except those that the lab must set", () => {
  const mine = { OS_CLIENT_CONFIG_FILE: '/corp', TERRAFORM_BINARY_NAME: 'tofu', no_proxy: 'example.org' }
  const given = { CDKTF_STACKS: 'cloud', CHECKPOINT_DISABLE: '0', TF_CLI_CONFIG_FILE: '/nowhere', ...mine }
  const environment = cdktfEnvironment(makeLab('netns', false), ['deploy'], given)
  expect(environment).not.toHaveProperty('CDKTF_STACKS')
  expect(environment).not.toHaveProperty('CHECKPOINT_DISABLE')
  expect(environment['TF_CLI_CONFIG_FILE']).toMatch(/terraform\.rc$/)
  expect(environment['OS_CLIENT_CONFIG_FILE']).toMatch(/\.lab\/clouds\.yaml$/)
  expect(environment['TERRAFORM_BINARY_NAME']).toBe('/opt/tofu')
  expect(environment['no_proxy']).toContain('10.0.0.0/24')
  expect(environment).not.toHaveProperty('CDKTF_AUTO_APPROVE')
})

test('a state gives its managed resources; a truncated one gives none', () => {
  const lab = fixtureLab('lxc', { paths: { ...fixtureLab('lxc').paths, terraform: temporaryFolder() } })
  expect(readState(lab, 'nodes')).toEqual([])
  const resource = (mode: string, status?: string) => ({
    mode,
    type: 'terraform_data',
    name: 'nova',
    instances: [{ status, attributes: { id: '1' } }],
  })
  mkdirSync(lab.paths.terraform, { recursive: true })
  const file = join(lab.paths.terraform, 'nodes.tfstate')
  writeFileSync(file, JSON.stringify({ resources: [resource('managed', 'tainted'), resource('data')] }))
  expect(readState(lab, 'nodes')).toEqual([
    { address: 'terraform_data.nova', type: 'terraform_data', name: 'nova', tainted: true, attributes: { id: '1' } },
  ])
  writeFileSync(file, '{"resources": [')
  expect(readState(lab, 'nodes')).toEqual([])
})

test.each([
  ['1.4.9', false],
  ['1.5.0', true],
  ['1.10.6', true],
  ['2.0.0', true],
  ['0', false],
])('Terraform %s is recent enough: %s', (version, recent) => {
  expect(isRecent(version)).toBe(recent)
})

test('memory is read in MiB', () => {
  expect(parseMemory('MemTotal:        2048000 kB\nMemFree: 1 kB\nMemAvailable:    1024000 kB\n')).toEqual({
    totalMiB: 2000,
    availableMiB: 1000,
  })
})
