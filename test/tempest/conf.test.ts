import { describe, expect, test } from 'vitest'
import { renderTempestConf } from '../../scripts/tempest/conf.ts'
import type { LivingCloud } from '../../scripts/tempest/living.ts'
import { fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

const living: LivingCloud = {
  ...{ image: 'image-1', otherImage: 'image-2', flavor: 'flavor-1', otherFlavor: 'flavor-2', publicNetwork: 'net-1' },
  networkExtensions: ['port-security', 'router'],
  volumeExtensions: ['backups'],
  versions: { compute: '2.93', placement: '1.39', volume: '3.70' },
}

describe('tempest.conf', () => {
  test.each([
    ['self-service', fixtureLab('lxc', { networking: 'self-service', volumeBackup: true })],
    ['provider', fixtureLab('lxc')],
    ['provider.qemu', fixtureLab('qemu')],
  ])('of a lab: %s', async (name, lab) => {
    await expect(renderTempestConf(lab, fixtureSecrets, living)).toMatchFileSnapshot(`golden/${name}/tempest.conf`)
  })

  test('keeps a password with a dollar sign, which oslo.config takes for a reference', () => {
    const conf = renderTempestConf(fixtureLab('lxc'), { ...fixtureSecrets, admin_password: 'a$b$$c' }, living)
    expect(conf).toContain('admin_password = a$$b$$$$c\n')
  })

  test('without Cinder there is no volume service, without Horizon no dashboard', () => {
    const lab = fixtureLab('lxc')
    const without = { ...lab, services: { ...lab.services, cinder: false, horizon: false } }
    const conf = renderTempestConf(without, fixtureSecrets, {
      ...living,
      versions: { compute: '2.93', placement: '1' },
    })
    expect(conf).toMatch(/^cinder = false$/m)
    expect(conf).not.toMatch(/^\[(volume|dashboard)/m)
  })
})
