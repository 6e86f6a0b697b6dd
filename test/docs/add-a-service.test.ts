/** Follows docs/dev/add-a-service.md in a copy of the sources: its code makes a service that is seen everywhere. */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/dev/add-a-service.md'), 'utf8')
const [definition = '', profile = '', registry = ''] = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(
  ([, text]) => text!,
)
const profiles = 'scripts/declaration/service-profiles.ts'
const index = 'scripts/services/index.ts'

/** Seconds of work, on a machine that may be busy. */
const busy = 240_000

const tree = mkdtempSync(join(tmpdir(), 'duostack-test-'))
afterAll(() => rmSync(tree, { recursive: true, force: true }))

function edit(file: string, change: (text: string) => string): void {
  const before = readFileSync(join(tree, file), 'utf8')
  const after = change(before)
  expect(after, file).not.toBe(before)
  writeFileSync(join(tree, file), after)
}

/** Does what the page says, and nothing else. */
function followPage(): void {
  const copied = ['scripts', 'package.json', 'tsconfig.json', 'vitest.config.ts', 'test/own-tmp.ts', 'test/fixtures']
  for (const path of [...copied, 'test/services', 'test/docs/places-of-notes.ts'])
    cpSync(join(root, path), join(tree, path), { recursive: true })
  cpSync(join(root, 'test/declaration/ansible-vars'), join(tree, 'ansible-vars'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  const [file = ''] = /scripts\/services\/\w+\.ts/.exec(page) ?? []
  mkdirSync(dirname(join(tree, file)), { recursive: true })
  writeFileSync(join(tree, file), definition)
  const [importLine = '', line = ''] = registry.split('\n').filter(Boolean)
  edit(profiles, (text) => text.replace('\n} as const satisfies', `\n${profile}} as const satisfies`))
  edit(index, (text) => text.replace('import { nova }', `${importLine}\nimport { nova }`))
  edit(index, (text) => text.replace('\n} satisfies', `\n${line}\n} satisfies`))
}

/** A program of the node modules, which may fail. */
const inTree = (program: string, ...args: string[]) =>
  execa('node', [`node_modules/${program}`, ...args], { cwd: tree, reject: false })

interface Report {
  testResults: { assertionResults: { fullName: string; status: string }[] }[]
}

beforeAll(followPage, busy)

describe('the service of the page', () => {
  let places: Record<string, Record<string, unknown>>
  beforeAll(async () => {
    const { stdout } = await execa('node', ['--import', 'tsx', 'test/docs/places-of-notes.ts'], { cwd: tree })
    places = JSON.parse(stdout)
  }, busy)

  test('can be switched in lab_services, is off by default, and then no part of the lab', () => {
    expect(places['declaration']).toMatchObject({
      byDefault: false,
      withdrawn: false,
      schema: { type: 'boolean', default: false, description: expect.stringContaining('Notes that users keep') },
      overridable: ['/etc/notes/notes.conf'],
    })
  })

  test('has secrets of its own', () => {
    expect(places['secrets']).toEqual(['notes_database_password', 'notes_password'])
  })

  test('has its packages in the node image, and is refused where an image lacks them', () => {
    expect(places['image']).toEqual({
      packages: ['notes-api', 'notes-worker'],
      missing: ['notes-api', 'notes-worker'],
    })
  })

  test('has its client on this machine where it is on, and only there', () => {
    expect(places['host']!['on']).toContain('python3-notesclient')
    expect(places['host']!['off']).not.toContain('python3-notesclient')
  })

  test('is in the logs, and in the hints where to look', () => {
    expect(places['logs']!['files']).toContain('/var/log/notes/*.log')
    expect(places['logs']!['units']).toEqual(['notes-api', 'notes-worker'])
    expect(places['whereToLook']).toContain('/var/log/notes/notes-api.log')
  })

  test('is in the status and in verify: its units, its endpoint, its daemon', () => {
    const units = ['notes-api', 'notes-worker'].map((unit) => ({ service: 'notes', unit }))
    expect(places['units']).toEqual(expect.arrayContaining(units))
    const next = expect.stringContaining('/var/log/notes/notes-worker.log')
    expect(places['verify']!['daemons']).toMatchObject([{ what: 'notes-worker up on controller', ok: false, next }])
    expect(places['verify']!['catalog']).toContainEqual(expect.objectContaining({ id: 'catalog/notes', ok: false }))
  })

  test('is looked at by the doctor', () => {
    const wanted = ['api-silent', 'unit-down', 'database-refuses', 'broker-refuses', 'credentials-refused', 'disk-full']
    expect(places['doctor']).toEqual(expect.arrayContaining(wanted))
  })

  test('is in the plan and its picture, which the report shows too, with what it takes', () => {
    expect(places['plan']).toMatchObject({
      service: {
        needs: ['keystone', 'rabbitmq'],
        nodes: [{ node: 'controller', units: ['notes-api', 'notes-worker'], ports: [9990] }],
        databases: ['notes'],
        users: ['notes'],
        endpoints: [{ type: 'notes' }],
      },
      seconds: 15,
      picture: 1,
    })
  })

  test('has its version in ./lab version', () => {
    expect(places['version']).toBe('1.2')
  })

  test('is in the pages of reference', () => {
    expect(places['docs']!['declaration']).toEqual([expect.stringContaining('`lab_services.notes`')])
    expect(places['docs']!['features']).toEqual(['| Notes | `note` | can | can | `lab_services.notes: true` |'])
  })
})

/** Sorted. */
const foundForgotten = [
  ...['kvm', 'lxc', 'qemu'].flatMap((kind) =>
    ['provider', 'self-service'].map(
      (networks) => `in ${kind} nodes with ${networks} networks every package is in the node image`,
    ),
  ),
  'notes its APIs and daemons are units of its own, with logs in the files that the profile names',
  'notes one that is off by default has a row among the features, since no user finds it otherwise',
  'notes what an API has besides: a version that a person asks for, the size of a worker',
  'the files that can be overridden are the ini files of all services, in every shape of node',
  'the packages know every key that notes writes, in every shape of node',
]

describe('what the page promises', () => {
  test(
    'the code compiles',
    async () => {
      const config = { extends: './tsconfig.json', include: [], files: [index] }
      writeFileSync(join(tree, 'tsconfig.index.json'), JSON.stringify(config))
      expect((await inTree('typescript/bin/tsc', '-p', 'tsconfig.index.json')).stdout).toBe('')
    },
    busy,
  )

  test(
    'whatever else a profile forgets is found by a test, and nothing is found that it has',
    async () => {
      const forgotten = /^ {4}(versions|logs|iniFiles|feature): .*\n/gm
      edit(profiles, (text) =>
        text.replace(profile, profile.replace(forgotten, '').replace(/packages: .*/, 'packages: [],')),
      )
      const suites = ['profiles', 'services', 'options'].map((name) => `test/services/${name}.test.ts`)
      const { stdout } = await inTree('vitest/vitest.mjs', 'run', '--reporter=json', ...suites)
      const report: Report = JSON.parse(stdout)
      const failed = report.testResults.flatMap(({ assertionResults }) =>
        assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
      )
      expect(failed.sort()).toEqual(foundForgotten)
    },
    busy,
  )
})

test('every file that the page names exists', () => {
  const places = [...page.matchAll(/`((?:scripts|test)\/[\w./-]+)`(?:, | \| | \()?/g)].map(([, place]) => place!)
  // What the reader has to write.
  const made = ['scripts/services/notes.ts', 'test/services/golden/notes/']
  const missing = places.filter((place) => !made.includes(place)).filter((place) => !existsSync(join(root, place)))
  expect(places.length).toBeGreaterThan(5)
  expect(missing).toEqual([])
})
