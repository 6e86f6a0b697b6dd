/** The rules for imports: they go down, and nothing imports a command. */

import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** From the bottom up; rooms of one floor may import each other. ARCHITECTURE.md says what each of them owns. */
const floors = [
  ['terminal', 'declaration'],
  ['run'],
  ['cloud', 'libvirt', 'terraform'],
  ['engine', 'image'],
  ['services'],
  ['nodes'],
  ['host', 'checkpoint', 'workbench'],
  ['health', 'bundle'],
  ['insight', 'tempest', 'exercises', 'class'],
  ['lab', 'stacks', 'programs'],
] as const

const files = execaSync('git', ['ls-files', '-co', '--exclude-standard', 'main.ts', 'stacks', 'scripts'], { cwd: root })
  .stdout.split('\n')
  .filter((file) => file.endsWith('.ts'))

/** `scripts/host/sweep.ts` belongs to the room host; a file directly in scripts/ is a program. */
function roomOf(file: string): string {
  const [first = '', second = '', ...rest] = file.split('/')
  if (first !== 'scripts') return 'stacks'
  return rest.length > 0 ? second : 'programs'
}

function floorOf(file: string): number {
  const floor = floors.findIndex((rooms) => (rooms as readonly string[]).includes(roomOf(file)))
  if (floor < 0) throw new Error(`${file}: its room ${roomOf(file)} stands on no floor`)
  return floor
}

/** Everything that names another file: static, dynamic and type-only imports. */
const importPattern = /(?:from|import)\s*\(?\s*'(\.[^']+)'/g

const imports = files.map((file) => {
  const text = readFileSync(join(root, file), 'utf8')
  return { file, imported: [...text.matchAll(importPattern)].map(([, path]) => join(dirname(file), path!)) }
})

const edges = imports.flatMap(({ file, imported }) => imported.map((other) => [file, other] as const))

test('imports go down or stay on their floor', () => {
  expect(edges.length).toBeGreaterThan(500)
  const upward = edges.filter(([file, other]) => floorOf(other) > floorOf(file))
  expect(upward.map(([file, other]) => `${file} imports ${other}`)).toEqual([])
})

test('nothing outside lab/ imports a command', () => {
  const found = edges.filter(([file, other]) => roomOf(other) === 'lab' && roomOf(file) !== 'lab')
  expect(found).toEqual([])
})

test('waiting is written once: only run/ loops without an end, or sleeps', () => {
  const pattern = /for \(;;|while \(true\)|timers\/promises|setTimeout\(resolve/
  const found = files.filter((file) => pattern.test(readFileSync(join(root, file), 'utf8')) && roomOf(file) !== 'run')
  expect(found).toEqual([])
})

test('no two files import each other, directly or indirectly', () => {
  const circles: string[] = []
  const done = new Set<string>()
  const next = new Map(imports.map(({ file, imported }) => [file, imported]))
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '))
    if (way.includes(file) || done.has(file)) return
    for (const other of next.get(file) ?? []) visit(other, [...way, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  expect(circles).toEqual([])
})

/** Without comments and imports: the code that runs. */
const codeOf = (file: string) =>
  readFileSync(join(root, file), 'utf8')
    .replaceAll(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$|^import [^']*'[^']*'/gm, '')
    .replaceAll(/\n+/g, '\n')

test('only libvirt/ runs virsh; elsewhere it is only shown to a person', () => {
  const told = {
    'scripts/host/packages.ts': 'what the package libvirt-clients is for',
    'scripts/lab/commands/everyday.ts': 'an example in the help',
    'scripts/lab/env.ts': 'the description in the help',
    'scripts/lab/exec.ts': 'the same',
  }
  const found = files.filter((file) => /\bvirsh\b/.test(codeOf(file)) && roomOf(file) !== 'libvirt')
  expect(found).toEqual(Object.keys(told))
})

test('only the declaration, nodes/ and the services compare hypervisors: others ask the kind of node', () => {
  // A domain's driver, a log folder and Nova's names for its guests are not a lab's hypervisor.
  const pattern = /(?<!\b(?:driver|folder|type)) [!=]== '(?:kvm|qemu|lxc)'/
  const free = ['declaration', 'nodes', 'services']
  const found = files.filter((file) => pattern.test(codeOf(file)) && !free.includes(roomOf(file)))
  expect(found).toEqual([])
})

test('timeouts are in one table: no other file has one in digits', () => {
  const pattern = /(timeout|deadline)Seconds: \d|AbortSignal\.timeout\(\d/
  const found = files.filter((file) => pattern.test(readFileSync(join(root, file), 'utf8')))
  expect(found.filter((file) => file !== 'scripts/run/timeouts.ts')).toEqual([])
})
