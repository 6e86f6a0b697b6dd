import { describe, expect, test } from 'vitest'
import { secretNames } from '../../scripts/declaration/secret-names.ts'
import { fixtureSecrets, fixtureStockImage } from '../fixtures/lab.ts'
import { labOf, synthesize } from './synthesized.ts'

const kvm = synthesize(labOf('kvm', 'none'))

describe('the app', () => {
  test('has three stacks: cloud after services after nodes', () => {
    const { stacks } = kvm.manifest
    const dependencies = Object.entries(stacks).map(([name, stack]) => [name, stack.dependencies])
    expect(Object.fromEntries(dependencies)).toEqual({ nodes: [], services: ['nodes'], cloud: ['services'] })
  })

  test('keeps the state of each stack in the checkout', () => {
    for (const name of ['nodes', 'services', 'cloud'] as const) {
      const path = `/home/user/duostack/.lab/terraform/${name}.tfstate`
      expect(kvm[name].stack.terraform.backend).toEqual({ local: { path } })
    }
  })

  test.each(['kvm', 'lxc'] as const)('tells Terraform no secret (%s nodes)', (hypervisor) => {
    const { nodes, services, cloud } = synthesize(labOf(hypervisor, 'netns'))
    const text = [nodes, services, cloud].map((stack) => stack.text).join()
    expect(secretNames.filter((name) => text.includes(fixtureSecrets[name]))).toEqual([])
  })

  test('tells a stock image no secret either', () => {
    const { nodes, services } = synthesize({ ...labOf('kvm', 'netns'), stockImage: fixtureStockImage })
    const text = nodes.text + services.text
    expect(secretNames.filter((name) => text.includes(fixtureSecrets[name]))).toEqual([])
    expect(text).not.toMatch(/PRIVATE KEY|ssh_keys/)
  })

  test('is the same for the same lab, so that a second deploy has nothing to do', () => {
    const again = synthesize(labOf('kvm', 'none'))
    for (const name of ['nodes', 'services', 'cloud'] as const) expect(again[name].text).toBe(kvm[name].text)
  })
})
