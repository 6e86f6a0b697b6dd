import { expect, test } from 'vitest'
import { lookAtHost } from '../../scripts/host/preflight.ts'
import { showHostReport } from '../../scripts/host/report.ts'
import { fitMachine, wanted } from './facts.ts'

test('the report shows every check, passed ones too; problems come last', () => {
  const lines = lookAtHost({ ...fitMachine, root: false }, wanted)
  expect(lines.filter(({ verdict }) => verdict === 'fine').map(({ seen }) => seen)).not.toContain('')
  expect(lines.map(({ what }) => what)).toEqual(
    expect.arrayContaining([
      'system',
      'memory',
      'disk',
      'clock',
      'names',
      'AppArmor',
      'Terraform',
      'ports',
      'other labs',
    ]),
  )
  const choice = { value: 'none', because: 'as configured' } as const
  const text = showHostReport({ fit: false, hypervisor: { ...choice, value: 'kvm' }, isolation: choice, lines })
  expect(text).toMatch(
    /✓ system +Debian[\s\S]*✗ sudo: needs a password, but there is no terminal to ask for it[\s\S]*cannot run the lab yet/,
  )
})
