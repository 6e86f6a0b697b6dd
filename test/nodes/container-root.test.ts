import { expect, test } from 'vitest'
import { renderIdentity } from '../../scripts/nodes/container-root.ts'
import { fixtureLab } from '../fixtures/lab.ts'

test("a container gets its name, its address with prefix length, the lab's key and its neighbors", () => {
  const lab = fixtureLab('lxc')
  expect(renderIdentity(lab, lab.nodes[1]!, 'ssh-ed25519 AAAA duostack\n')).toBe(
    [
      'LAB=1a2b3c4d',
      'NAME=compute1',
      'ADDRESS=10.0.0.31/24',
      'AUTHORIZED_KEY=ssh-ed25519 AAAA duostack',
      'HOST=10.0.0.11 controller',
      '',
    ].join('\n'),
  )
})
