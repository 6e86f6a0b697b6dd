import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeFinding } from '../../scripts/declaration/errors.ts'
import { checkIdentity, newIdentity, readIdentity, writeIdentity } from '../../scripts/declaration/identity.ts'
import { loadDeclaration } from '../../scripts/declaration/load.ts'
import { type Edit, makeCheckout, messageOf, resolved, writeIn } from './checkout.ts'

const identity = newIdentity(loadDeclaration(makeCheckout()), resolved)

describe('the identity', () => {
  it('has a random id and what was resolved', () => {
    expect(identity).toMatchObject({ ...resolved, name: 'duostack', id: expect.stringMatching(/^[0-9a-f]{8}$/) })
    expect(newIdentity(loadDeclaration(makeCheckout()), resolved).id).not.toBe(identity.id)
  })

  it('is read as it was written, and only its owner can read it', () => {
    const root = makeCheckout()
    expect(readIdentity(root)).toBeUndefined()
    writeIdentity(root, identity)
    expect(readIdentity(root)).toEqual(identity)
    expect(statSync(join(root, '.lab/lab.json')).mode & 0o777).toBe(0o600)
    expect(statSync(join(root, '.lab')).mode & 0o777).toBe(0o700)
  })

  it('that is truncated is refused, with the lab id if it is still readable', () => {
    const root = makeCheckout()
    writeIdentity(root, { ...identity, id: '1a2b3c4d' })
    const whole = readFileSync(join(root, '.lab/lab.json'), 'utf8')
    writeIn(root, '.lab/lab.json', whole.slice(0, whole.length / 2))
    const message = messageOf(() => readIdentity(root))
    expect(message).toContain('.lab/lab.json: not a JSON object (truncated or edited)')
    expect(message).toContain('hint: restore the file from a copy (the lab id in it is 1a2b3c4d)')
    expect(message).toContain('rm .lab/lab.json && ./lab down --id 1a2b3c4d')
  })

  it.each(['', '[]', 'null', '{}', '{"id":"00000000"}'])('of %j is refused', (text) => {
    const root = makeCheckout()
    writeIn(root, '.lab/lab.json', text)
    expect(messageOf(() => readIdentity(root))).toContain('expected: the identity that the first ./lab up wrote')
  })

  it('of a preview is never written', () => {
    const root = makeCheckout()
    expect(() => writeIdentity(root, { ...identity, id: '00000000' })).toThrow()
    expect(readIdentity(root)).toBeUndefined()
  })
})

describe('on a running lab', () => {
  const differences = (...edits: Edit[]) => checkIdentity(loadDeclaration(makeCheckout(...edits)), identity)

  it('nothing differs if the declaration is unchanged or names what was resolved', () => {
    expect(differences()).toEqual([])
    expect(
      differences(['all', 'hypervisor: auto', 'hypervisor: lxc'], ['all', 'isolation: auto', 'isolation: netns']),
    ).toEqual([])
  })

  it('sizes, services and settings may change', () => {
    expect(differences(['compute', '3072', '4096'], ['all', 'cinder: true', 'cinder: false'])).toEqual([])
  })

  it('another name, hypervisor, isolation or address range is refused at its place', () => {
    const found = differences(
      ['all', 'duostack', 'other'],
      ['all', 'hypervisor: auto', 'hypervisor: kvm'],
      ['all', 'isolation: auto', 'isolation: none'],
      ['all', 'cidr: 10.0.0.0/24', 'cidr: 10.0.0.0/23'],
      ['all', 'host_address: 203.0.113.1', 'host_address: 203.0.113.2'],
    )
    expect(found.map(({ where, given, allowed }) => `${where} ${given} (${allowed})`)).toEqual([
      'ansible-vars/group_vars/all.yml:1:11 lab_name: other (duostack, as the lab was built)',
      'ansible-vars/group_vars/all.yml:2:17 lab_hypervisor: kvm (lxc, as the lab was built)',
      'ansible-vars/group_vars/all.yml:3:16 lab_isolation: none (netns, as the lab was built)',
      'ansible-vars/group_vars/all.yml:6:9 lab_management_network.cidr: 10.0.0.0/23 (10.0.0.0/24, as the lab was built)',
      'ansible-vars/group_vars/all.yml:9:9 lab_provider_network.host_address: 203.0.113.2 (203.0.113.1, as the lab was built)',
    ])
    for (const finding of found) expect(describeFinding(finding)).toMatch(/hint: .*\.\/lab up --rebuild.*\.\/lab down/)
  })

  it('another stock image is refused, and so is adding or removing one', () => {
    const declare = (hex: string) =>
      loadDeclaration(
        makeCheckout([
          'all',
          'lab_region:',
          `lab_node_image:\n  source: /a.qcow2\n  checksum: sha256:${hex.repeat(64)}\n  package_sources: [deb http://10.0.0.1 x]\nlab_region:`,
        ]),
      )
    const built = newIdentity(declare('a'), { ...resolved, hypervisor: 'kvm' })
    expect(built.stockImage).toBe(`sha256:${'a'.repeat(64)}`)
    expect(checkIdentity(declare('a'), built)).toEqual([])
    expect(checkIdentity(declare('b'), built)).toMatchObject([
      { where: 'ansible-vars/group_vars/all.yml:6:13', given: expect.stringContaining('bbb') },
    ])
    expect(checkIdentity(loadDeclaration(makeCheckout()), built)).toMatchObject([
      { given: "lab_node_image.checksum: none: the lab's own image", allowed: expect.stringContaining('aaa') },
    ])
    expect(checkIdentity(declare('a'), identity)).toHaveLength(1)
    // An identity written before stock images were supported.
    expect(checkIdentity(loadDeclaration(makeCheckout()), identity)).toEqual([])
  })

  it('another recipe of the node image is refused if it is compared', () => {
    const declaration = loadDeclaration(makeCheckout())
    expect(checkIdentity(declaration, identity, identity.imageDigest)).toEqual([])
    expect(checkIdentity(declaration, identity, 'cd'.repeat(32))).toMatchObject([{ where: 'node image' }])
  })
})
