import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exportSave } from '../../scripts/checkpoint/export.ts'
import { checkMemory, checkRestore } from '../../scripts/checkpoint/restore.ts'
import { checkSave } from '../../scripts/checkpoint/save.ts'
import { checkSaveName, findSave, readAllSaves, readSaves, type Save } from '../../scripts/checkpoint/saves.ts'
import { describeKept, listSaves } from '../../scripts/checkpoint/text.ts'
import { removeSaves } from '../../scripts/checkpoint/tidy.ts'
import { readMachine } from '../../scripts/nodes/vm-memory.ts'
import { terminalProgress } from '../../scripts/run/progress.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const saveOf = (changes: Partial<Save> = {}): Save => ({
  format: 1,
  name: 'one',
  id: '1a2b3c4d',
  lab: 'duostack',
  root: '/home/user/duostack',
  created: '2026-11-29T12:00:00.000Z',
  hypervisor: 'lxc',
  isolation: 'netns',
  imageDigest: 'f'.repeat(64),
  nodes: ['controller', 'compute1'],
  bytes: 300 * 2 ** 20,
  ...changes,
})

/** As on this machine's disk. */
function writeSaves(...saves: { id: string; name: string; content: unknown }[]): string {
  const folder = temporaryFolder()
  for (const { id, name, content } of saves) {
    mkdirSync(join(folder, id, 'saves', name), { recursive: true })
    writeFileSync(join(folder, id, 'saves', name, 'save.json'), JSON.stringify(content))
  }
  return folder
}

const stored = (save: Save) => ({ id: save.id, name: save.name, content: save })

describe('names of saves', () => {
  test.each(['a', 'fresh', 'before-upgrade', '2026-11-29', 'x'.repeat(40)])('%s is one', (name) => {
    expect(() => checkSaveName(name)).not.toThrow()
  })

  test.each([
    '',
    '.',
    '..',
    '../x',
    '/etc',
    'a/b',
    '.hidden',
    '-rf',
    'A',
    'a b',
    'a\n',
    "a'b",
    '$(id)',
    'a;b',
    'é',
    'a\u202eb',
    'x'.repeat(41),
    'x'.repeat(1_000_000),
  ])('%j is refused, wherever it comes from', async (name) => {
    expect(() => checkSaveName(name)).toThrow(/name of a save/)
    expect(() => checkSave(fixtureLab('lxc'), name)).toThrow(/name of a save/)
    expect(() => findSave([], name, undefined)).toThrow(/name of a save/)
    await expect(removeSaves(fixtureLab('lxc'), [name])).rejects.toThrow(/name of a save/)
  })
})

describe('the list', () => {
  test('has what is whole, of this checkout, the oldest first', () => {
    const [newer, older] = [saveOf(), saveOf({ name: 'two', created: '2026-11-28T12:00:00.000Z' })]
    const folder = writeSaves(
      stored(newer),
      stored(older),
      stored(saveOf({ name: 'theirs', root: '/home/other/duostack' })),
      { id: '1a2b3c4d', name: '.half.partial', content: saveOf() },
      { id: '1a2b3c4d', name: 'moved', content: saveOf() },
      { id: '1a2b3c4d', name: 'later', content: { ...saveOf({ name: 'later' }), format: 2 } },
    )
    mkdirSync(join(folder, '1a2b3c4d/saves/empty'))
    expect(readSaves('/home/user/duostack', folder)).toEqual([older, newer])
    expect(readAllSaves(folder)).toHaveLength(3)
    expect(readAllSaves(join(folder, 'missing'))).toEqual([])
  })

  test('a name means the save of the lab that is here, else the newest of this name', () => {
    const saves = [saveOf(), saveOf({ id: 'aaaaaaaa' }), saveOf({ id: 'bbbbbbbb' })]
    expect(findSave(saves, 'one', 'aaaaaaaa').id).toBe('aaaaaaaa')
    expect(findSave(saves, 'one', undefined).id).toBe('bbbbbbbb')
    expect(() => findSave(saves, 'oen', undefined)).toThrow(/no such save[\s\S]*did you mean one/)
    expect(() => findSave([], 'one', undefined)).toThrow(/there is none yet/)
  })

  test('as a person reads it', () => {
    expect(listSaves([], undefined)).toBe('no saves; ./lab save NAME makes one')
    const text = listSaves([saveOf(), saveOf({ id: 'bbbbbbbb', name: 'fresh' })], '1a2b3c4d')
    expect(text).toContain('one    2026-11-29 12:00 UTC  300 MiB  duostack 1a2b3c4d (lxc: controller, compute1)\n')
    expect(text).toContain('duostack bbbbbbbb (lxc: controller, compute1), another lab')
    expect(listSaves([saveOf({ hypervisor: 'kvm', memory: { processor: 'p', qemu: 'q' } })], undefined)).toContain(
      '(kvm, with memory: controller, compute1)',
    )
    expect(describeKept([saveOf()])).toBe(
      'down: kept: one save (one; 300 MiB); ./lab restore NAME brings the lab back, ./lab down --purge removes them',
    )
  })
})

describe('refused before anything is touched', () => {
  test('memory that another processor or another QEMU has written; what was saved without memory goes anywhere', async () => {
    const memory = { processor: 'Another Processor', qemu: '1.2.3' }
    await expect(checkMemory(saveOf({ hypervisor: 'kvm', memory }))).rejects.toThrow(
      /save one[\s\S]*the memory of running nodes, saved on Another Processor, QEMU 1\.2\.3[\s\S]*this one has/,
    )
    await expect(checkMemory(saveOf({ hypervisor: 'kvm' }))).resolves.toBeUndefined()
    await expect(checkMemory(saveOf({ hypervisor: 'kvm', memory: await readMachine() }))).resolves.toBeUndefined()
  })

  test('memory in a file for another machine; the remedy can be pasted', async () => {
    const file = join(temporaryFolder(), 'lab.tar.zst')
    const save = saveOf({ hypervisor: 'kvm', memory: { processor: 'p', qemu: 'q' } })
    await expect(exportSave(save, file, { progress: terminalProgress() })).rejects.toThrow(
      `save one: holds the memory of running nodes, which continues on this machine only
    expected: a save of a lab that was stopped
    hint: ./lab stop && ./lab save one-off && ./lab start && ./lab export one-off ${file}`,
    )
  })

  test('a save of another lab than the one that is here', () => {
    expect(() => checkRestore(saveOf(), { id: 'bbbbbbbb' })).toThrow(
      /save one[\s\S]*of lab 1a2b3c4d \(lxc, isolation netns\)[\s\S]*bbbbbbbb[\s\S]*\.\/lab down, then \.\/lab restore one/,
    )
  })

  test('a save whose node image is gone; virtual machines have theirs in the save', () => {
    expect(() => checkRestore(saveOf(), undefined)).toThrow(/made of node image ffffffffffff, which is gone/)
    expect(() => checkRestore(saveOf({ hypervisor: 'kvm' }), undefined)).not.toThrow()
  })
})
