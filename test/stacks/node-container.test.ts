import { describe, expect, test } from 'vitest'
import { fixtureNode } from '../fixtures/lab.ts'
import { labOf, nodesOf, synthesizeNodes } from './synthesized.ts'

describe('a node that is a container', () => {
  const lab = labOf('lxc', 'netns')
  const triggersOf = (changed: typeof lab) =>
    synthesizeNodes(changed).stack.resource['terraform_data']!['compute1']!['triggers_replace']

  test('is made and removed by its own script, after the networks and with no disk of libvirt', () => {
    const { resource } = nodesOf('lxc', 'netns')
    expect(Object.keys(resource)).toEqual(['libvirt_network', 'terraform_data'])
    expect(resource['terraform_data']!['compute1']).toMatchObject({
      depends_on: ['libvirt_network.management_network', 'libvirt_network.provider_network'],
      provisioner: [
        { 'local-exec': { command: 'node scripts/run.mjs scripts/container.ts create compute1' } },
        { 'local-exec': { when: 'destroy', command: 'node scripts/run.mjs scripts/container.ts destroy compute1' } },
      ],
    })
  })

  test('is made anew for what cannot change on it; its size changes in place', () => {
    const node = (changes: Partial<(typeof lab.nodes)[0]>) => ({
      ...lab,
      nodes: [lab.nodes[0]!, { ...lab.nodes[1]!, ...changes }],
    })
    const triggers = triggersOf(lab)
    expect(triggersOf({ ...lab, apiWorkers: 9 })).toEqual(triggers)
    expect(triggersOf({ ...lab, nodes: [...lab.nodes, fixtureNode('compute2', 32)] })).toEqual(triggers)
    expect(triggersOf(node({ memoryMiB: 4096, vcpus: 1 }))).toEqual(triggers)
    expect(triggersOf(node({ address: '10.0.0.32' }))).not.toEqual(triggers)
    expect(triggersOf({ ...lab, imageDigest: 'f'.repeat(64) })).not.toEqual(triggers)
  })
})
