/** Kills `save`, `restore`, `export` and `import` at any moment; the living lab or the saved one is always whole. */

import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type Chance, shuffle } from '../harness/chance.ts'
import type { Copy } from '../harness/copy.ts'
import { type Ended, type Kind, runAndKill, signals } from '../harness/kill.ts'
import { judgeEnd } from '../harness/kill-up.ts'
import { expectRun } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readLabId } from '../harness/remains.ts'
import {
  bootTimes,
  expectNoStragglers,
  expectSaveWhole,
  listSaves,
  readHalf,
  readMark,
  savesOf,
  setMarks,
} from './checkpoint-marks.ts'

/** The save that all of this is about. */
export const base = 'base'

/** Where a kill may happen: after this was printed, in order; the first of each is at the beginning. */
const phases = {
  save: [/./, /✓ prepare the save/, /✓ shut compute1/, /✓ shut controller/, /✓ save /, /✓ start controller/],
  restore: [/./, /✓ lay save/, /✓ switch the nodes off/, /✓ exchange/, /✓ libvirtd/, /✓ start controller/],
  export: [/✓ export/],
  import: [/✓ look into the file/, /✓ unpack it/],
} as const
type Command = keyof typeof phases

/** Said by a command that did all that it was to do: a signal that comes then stops nothing. */
const isDone = ({ output }: Ended) =>
  /^(save|restore|export|import): .*(is saved|as it was saved|sha256|brings)/m.test(output)

export interface Killing {
  copy: () => Copy
  chance: Chance
  /** Of each command. */
  kills: number
}

/** `judge` gives what was there after a kill, and what the next command made of it. */
function killTests(
  command: Command,
  { copy, chance, kills }: Killing,
  words: () => string[],
  judge: (ended: Ended, index: number) => Promise<string>,
): void {
  const kinds = shuffle(chance, signals)
  const markers = phases[command]
  for (let index = 0; index < kills; index++) {
    const kind: Kind = kinds[index % kinds.length]!
    const marker =
      markers[Math.min(markers.length - 1, Math.floor(((index + chance.next()) * markers.length) / kills))]!
    // Their long steps print nothing: any moment in them.
    const isLong = command === 'export' || command === 'import'
    const latestSeconds = isLong ? 2 + chance.next() * 40 : 120
    const delaySeconds = chance.next() * 4
    test(`${command} killed by ${kind}, kill ${index + 1} (seed ${chance.seed})`, async () => {
      const ended = await runAndKill(copy(), [command, ...words()], { kind, marker, latestSeconds, delaySeconds })
      judgeEnd(`kill ${command}`, kind, ended, isDone(ended))
      await recorded(`kill ${command}`, 'what was there afterwards', () => judge(ended, index))
    })
  }
}

/** Of the living lab nothing is lost, and a save is listed only if it is whole. */
export function killSaveTests(killing: Killing): void {
  const { copy, chance } = killing
  let number = 0
  killTests(
    'save',
    killing,
    () => [`killed-${++number}`],
    async () => {
      const name = `killed-${number}`
      const id = (await readLabId(copy()))!
      await expectNoStragglers(id)
      const half = await readHalf(copy(), id)
      const listed = (await listSaves(copy())).includes(name)
      if (listed) await expectSaveWhole(id, name)
      const next = listed ? ['start'] : chance.pick([['start'], ['up']])
      const said = await expectRun(copy(), ...next)
      if (half.length > 0) expect(said).toContain(`save ${name} was interrupted`)
      expect(await readHalf(copy(), id)).toEqual([])
      expect(await readMark(copy())).toBe('living')
      if (listed) await expectRun(copy(), 'save', '--delete', name)
      return `the living lab, ${listed ? 'and the save, whole' : 'no save'}; next: ${next.join(' ')}`
    },
  )
}

/** The lab is the living one or that of the save, as the next command says. */
export function killRestoreTests(killing: Killing): void {
  const { copy, chance } = killing
  killTests(
    'restore',
    killing,
    () => [base, '--yes'],
    async () => {
      const id = (await readLabId(copy()))!
      await expectNoStragglers(id)
      const half = await readHalf(copy(), id)
      const next = chance.pick([['start'], ['up'], ['restore', base, '--yes']])
      const said = await expectRun(copy(), ...next)
      const [, became] = /a restore was interrupted: the lab is now (that of save|as it was)/.exec(said) ?? []
      expect(became !== undefined, said).toBe(half.includes('.lab/restore.json'))
      const mark = await readMark(copy())
      if (next[0] === 'restore') expect(mark).toBe('saved')
      else if (became) expect(mark).toBe(became === 'as it was' ? 'living' : 'saved')
      expect(await readHalf(copy(), id)).toEqual([])
      await expectSaveWhole(id, base)
      await setMarks(copy(), 'living')
      return `the ${mark} lab, whole; next: ${next[0]}`
    },
  )
}

export function killExportTests(killing: Killing, file: () => string): void {
  const { copy } = killing
  let before: string
  killTests(
    'export',
    killing,
    () => [base, file()],
    async (ended) => {
      before ??= await bootTimes(copy())
      expect(await bootTimes(copy())).toBe(before)
      expect(existsSync(file())).toBe(isDone(ended))
      await expectNoStragglers((await readLabId(copy()))!)
      await rm(file(), { force: true })
      return isDone(ended) ? 'the file is whole' : 'no file; the lab runs on'
    },
  )
}

/** On a machine without the lab. */
export function killImportTests(killing: Killing, file: () => string, id: () => string): void {
  const { copy, kills } = killing
  killTests(
    'import',
    killing,
    () => [file(), '--trust'],
    async (ended, index) => {
      await expectNoStragglers(id())
      if (!isDone(ended)) expect(await listSaves(copy())).not.toContain(base)
      const half = await readHalf(copy(), id())
      // All but the last are followed by the next import, which is killed as well.
      if (index < kills - 1 && !isDone(ended)) return 'no save'
      const said = await expectRun(copy(), 'down', ...(isDone(ended) ? ['--purge'] : []), '--yes')
      if (half.length > 0) expect(said).toContain('an import was interrupted')
      expect(existsSync(savesOf(id()))).toBe(false)
      return `${isDone(ended) ? 'the save, whole' : 'no save'}; next: down, nothing left`
    },
  )
}
