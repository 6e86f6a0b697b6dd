import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { writeClouds } from '../../scripts/cloud/clouds-yaml.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

function labIn(folder: string) {
  const lab = fixtureLab('lxc')
  return { ...lab, paths: { ...lab.paths, state: folder, clouds: join(folder, 'clouds.yaml') } }
}

const newFolder = () => join(temporaryFolder(), '.lab')

describe('clouds.yaml', () => {
  test('names the cloud duostack by the address of its controller, as admin', () => {
    const lab = labIn(newFolder())
    writeClouds(lab, fixtureSecrets)
    expect(parse(readFileSync(lab.paths.clouds, 'utf8'))).toEqual({
      clouds: {
        duostack: {
          auth: {
            auth_url: 'http://10.0.0.11:5000/v3',
            username: 'admin',
            password: 'SECRET-admin_password',
            project_name: 'admin',
            user_domain_name: 'Default',
            project_domain_name: 'Default',
          },
          region_name: 'RegionOne',
          interface: 'public',
          identity_api_version: 3,
        },
      },
    })
  })

  test('is for its owner alone, and so is its folder', () => {
    const lab = labIn(newFolder())
    writeClouds(lab, fixtureSecrets)
    expect(statSync(lab.paths.clouds).mode & 0o777).toBe(0o600)
    expect(statSync(lab.paths.state).mode & 0o777).toBe(0o700)
    expect(readdirSync(lab.paths.state)).toEqual(['clouds.yaml'])
  })

  test('is left as it is the second time', () => {
    const lab = labIn(newFolder())
    writeClouds(lab, fixtureSecrets)
    const { ino } = statSync(lab.paths.clouds)
    writeClouds(lab, fixtureSecrets)
    expect(statSync(lab.paths.clouds).ino).toBe(ino)
  })

  test('that others may read, or with an old password, is made anew', () => {
    const lab = labIn(newFolder())
    writeClouds(lab, fixtureSecrets)
    chmodSync(lab.paths.clouds, 0o644)
    writeClouds(lab, fixtureSecrets)
    expect(statSync(lab.paths.clouds).mode & 0o777).toBe(0o600)
    writeClouds(lab, { ...fixtureSecrets, admin_password: 'another' })
    expect(readFileSync(lab.paths.clouds, 'utf8')).toContain('password: another')
  })
})
