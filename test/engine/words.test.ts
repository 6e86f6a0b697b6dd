import { expect, test } from 'vitest'
import { ensureFile } from '../../scripts/engine/files.ts'
import { missing, unwanted } from '../../scripts/engine/listing.ts'
import { subjectOf } from '../../scripts/engine/operation.ts'
import { ensureAbsentUnits, ensureUnits } from '../../scripts/engine/units.ts'
import { describeDoing, describeDone, describeReason } from '../../scripts/engine/words.ts'

const [enabled, read, running] = ensureUnits(['apache2'], [], { timeScale: 1 })
const [absent] = ensureAbsentUnits(['libvirt-guests'])
const repair = async () => {}
const change = (one: object, reason = 'is missing') => ({ node: 'controller', reason, ...one }) as never

test.each([
  [running!, 'starting apache2', 'started apache2'],
  [absent!, 'stopping libvirt-guests', 'stopped libvirt-guests'],
  [enabled!, 'enabling apache2', 'enabled apache2'],
  [read!, 'reloading systemd', 'reloaded systemd'],
  [ensureFile({ path: '/etc/motd', content: '' }), 'writing /etc/motd', 'wrote /etc/motd'],
  [
    missing('role', 'service of placement', repair),
    'Keystone: changing role service of placement',
    'Keystone: created role service of placement',
  ],
  [
    unwanted('endpoint', 'image admin', 'x', repair),
    'Keystone: changing endpoint image admin',
    'Keystone: removed endpoint image admin',
  ],
])('%o in words', (operation, doing, done) => {
  expect(describeDoing(operation)).toBe(doing)
  expect(describeDone(change(subjectOf(operation)))).toBe(done)
})

test('why it was done is past', () => {
  expect(describeReason(change({}))).toBe('was missing')
  expect(describeReason(change({}, 'apache2: is inactive'))).toBe('apache2: was inactive')
  expect(describeReason(change({}, 'its content differs'))).toBe('its content differs')
})
