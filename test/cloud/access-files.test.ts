import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { openrcFile, writeAccessFiles } from '../../scripts/cloud/access-files.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

function newLab() {
  const lab = fixtureLab('lxc')
  const state = join(temporaryFolder(), '.lab')
  return { ...lab, paths: { ...lab.paths, state, clouds: join(state, 'clouds.yaml') } }
}

const cloudOf = (name: string) => ({
  auth: {
    auth_url: 'http://10.0.0.11:5000/v3',
    username: name,
    password: `SECRET-${name}_password`,
    project_name: name,
    user_domain_name: 'Default',
    project_domain_name: 'Default',
  },
  region_name: 'RegionOne',
  interface: 'public',
  identity_api_version: 3,
})

describe('clouds.yaml', () => {
  test('names the cloud by the address of its controller, as admin and as the demo user', () => {
    const lab = newLab()
    writeAccessFiles(lab, fixtureSecrets)
    expect(parse(readFileSync(lab.paths.clouds, 'utf8'))).toEqual({
      clouds: { duostack: cloudOf('admin'), demo: cloudOf('demo') },
    })
  })

  test('that others can read, or with an old password, is written again', () => {
    const lab = newLab()
    writeAccessFiles(lab, fixtureSecrets)
    chmodSync(lab.paths.clouds, 0o644)
    writeAccessFiles(lab, fixtureSecrets)
    expect(statSync(lab.paths.clouds).mode & 0o777).toBe(0o600)
    writeAccessFiles(lab, { ...fixtureSecrets, admin_password: 'another' })
    expect(readFileSync(lab.paths.clouds, 'utf8')).toContain('password: "another"')
  })
})

/** As Python's clients read them, all in one Python process. */
const readByPython = (files: readonly string[]) => {
  const program = 'import json, sys, yaml; print(json.dumps([yaml.safe_load(open(file)) for file in sys.argv[1:]]))'
  return JSON.parse(execFileSync('python3', ['-c', program, ...files], { encoding: 'utf8' }))
}

const hasPyYaml = (() => {
  try {
    execFileSync('python3', ['-c', 'import yaml'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

const lookAlikes = [
  '0b10101010',
  '0x12345678',
  '01234567',
  '12345678',
  '1234567e8',
  '0o123456',
  'NO',
  'on',
  '1',
  '1.5',
  'null',
  '2024-01-01',
]

/** A clouds.yaml with this text as password and as region, and what must be read from it. */
function written(text: string) {
  const lab = { ...newLab(), region: text }
  writeAccessFiles(lab, { ...fixtureSecrets, admin_password: text })
  return { file: lab.paths.clouds, read: { auth: { password: text }, region_name: text } }
}

describe.each(lookAlikes)('clouds.yaml with %s for a password and for the region', (text) => {
  test.each(['1.1', '1.2'] as const)('is text to a YAML %s parser', (version) => {
    const { file, read } = written(text)
    expect(parse(readFileSync(file, 'utf8'), { version }).clouds.duostack).toMatchObject(read)
  })
})

test.runIf(hasPyYaml)('whatever the password and the region look like, they are text to PyYAML', () => {
  const all = lookAlikes.map(written)
  const clouds = readByPython(all.map(({ file }) => file)).map((one: { clouds: object }) => one.clouds)
  expect(clouds).toMatchObject(all.map(({ read }) => ({ duostack: read })))
})

describe('all of them', () => {
  test('are for their owner alone, and so is their folder', () => {
    const lab = newLab()
    writeAccessFiles(lab, fixtureSecrets)
    const files = readdirSync(lab.paths.state).sort()
    expect(files).toEqual(['admin-openrc', 'clouds.yaml', 'demo-openrc'])
    for (const file of files) expect(statSync(join(lab.paths.state, file)).mode & 0o777).toBe(0o600)
    expect(statSync(lab.paths.state).mode & 0o777).toBe(0o700)
  })

  test('are left as they are the second time', () => {
    const lab = newLab()
    writeAccessFiles(lab, fixtureSecrets)
    const inodes = () => readdirSync(lab.paths.state).map((file) => statSync(join(lab.paths.state, file)).ino)
    const before = inodes()
    writeAccessFiles(lab, fixtureSecrets)
    expect(inodes()).toEqual(before)
  })

  test('have no demo user if it is switched off', () => {
    const lab = newLab()
    writeAccessFiles(lab, fixtureSecrets)
    writeAccessFiles({ ...lab, services: { ...lab.services, demo: false } }, fixtureSecrets)
    expect(existsSync(openrcFile(lab, 'demo'))).toBe(false)
    expect(Object.keys(parse(readFileSync(lab.paths.clouds, 'utf8')).clouds)).toEqual(['duostack'])
  })
})

test('an openrc signs a shell in as that user, whatever cloud was set before', () => {
  const lab = newLab()
  writeAccessFiles(lab, fixtureSecrets)
  const output = execFileSync('bash', ['-c', '. "$1"; env | grep ^OS_ | sort', 'bash', openrcFile(lab, 'demo')], {
    env: { PATH: process.env['PATH'], OS_CLOUD: 'duostack', OS_PROJECT_ID: 'x', OS_USERNAME: 'admin' },
    encoding: 'utf8',
  })
  expect(output.trim().split('\n')).toEqual([
    'OS_AUTH_URL=http://10.0.0.11:5000/v3',
    'OS_IDENTITY_API_VERSION=3',
    'OS_IMAGE_API_VERSION=2',
    'OS_INTERFACE=public',
    'OS_PASSWORD=SECRET-demo_password',
    'OS_PROJECT_DOMAIN_NAME=Default',
    'OS_PROJECT_NAME=demo',
    'OS_REGION_NAME=RegionOne',
    'OS_USERNAME=demo',
    'OS_USER_DOMAIN_NAME=Default',
  ])
})
