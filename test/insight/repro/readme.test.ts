import { expect, test } from 'vitest'
import { writeReadme } from '../../../scripts/insight/repro/readme.ts'

const lab = { id: 'a1b2c3d4', name: 'duostack', hypervisor: 'lxc' as const }

test('the steps apply the patches in their order, then turn on what was on', () => {
  const text = writeReadme(lab, {
    onPurpose: ['debug logging: nova (controller, compute1)', 'patch: nova a.patch (controller, compute1)'],
    patches: [
      { service: 'nova', file: 'patches/01-nova-a.patch', masked: false },
      { service: 'glance', file: 'patches/02-glance-b.patch', masked: true },
    ],
  })
  expect(text.match(/^\d\. .*$/gm)).toEqual([
    '1. Check out the version of Duostack that is in `version.json`.',
    '2. Copy `ansible-vars/` from here over the one of the checkout. It has no secrets: `./lab up` makes new ones.',
    '3. `./lab up --hypervisor lxc`',
    '4. `./lab patch nova patches/01-nova-a.patch`',
    '5. `./lab patch glance patches/02-glance-b.patch`',
    '6. `./lab debug nova on`',
    '7. `./lab trace --launch`',
  ])
  expect(text).toContain('Masked, and may not apply: patches/02-glance-b.patch.')
})

test('it says where nothing is changed, and where patches could not be read', () => {
  expect(writeReadme(lab, { onPurpose: [], patches: [] })).toContain('Nothing: no patch, no debug logging.')
  expect(writeReadme(lab, { onPurpose: [], patches: undefined })).toContain('A node did not answer')
})
