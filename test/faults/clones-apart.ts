/** What clones and their original have in common, which is nothing but layers; and how they go, one after the other. */

import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { dataKeys } from '../../scripts/declaration/secret-names.ts'
import { client, expectVerified } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { expectRefused, expectRun, nodes, runInside } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readLabId, readRemains } from '../harness/remains.ts'
import { stopwatch } from '../harness/timing.ts'
import { expectSaveWhole, readMark, savesOf } from './checkpoint-marks.ts'
import { base, type Clone, type Labs, part, readOwn } from './clone-marks.ts'
import { findOldSecrets, findOpenLogins } from './old-secrets.ts'
import { readSecrets } from './search.ts'

/** The answer of Keystone to a token, in the lab's namespace. */
const useToken = (copy: Copy, token: string) =>
  runInside(
    copy,
    ...['curl', '-s', '--max-time', '60', '-o', '/dev/null', '-w', '%{http_code}', '-H', `X-Auth-Token: ${token}`],
    'http://10.0.0.11:5000/v3/projects',
  )

export function apartTests({ original, clones }: Labs): void {
  const all = () => [original(), ...clones.map(({ copy }) => copy)]

  test('no two labs have a secret, a key or an id in common, but for the keys of stored data', () =>
    recorded(part, 'secrets, keys and ids', async () => {
      const secrets = await Promise.all(all().map(readSecrets))
      for (const name of Object.keys(secrets[0]!)) {
        const values = new Set(secrets.map((one) => one[name]))
        expect([name, values.size]).toEqual([name, dataKeys.some((key) => key === name) ? 1 : 3])
      }
      const found = await Promise.all(all().map(readOwn))
      const own = found.flatMap((one) => one.own)
      expect(new Set(own).size).toBe(own.length)
      expect(new Set(found.map(({ kept }) => kept)).size).toBe(1)
      return `${Object.keys(secrets[0]!).length - dataKeys.length} secrets and ${own.length} keys and ids of all three differ; the credential keys and ${dataKeys.join()} are the same`
    }))

  test("a clone holds no secret of its original's, and lets none in", () =>
    recorded(part, "the original's secrets in a clone", async () => {
      const secrets = await readSecrets(original())
      const old = Object.fromEntries(Object.entries(secrets).filter(([name]) => !dataKeys.some((key) => key === name)))
      for (const { copy } of clones) {
        expect(await findOldSecrets(copy, nodes, old)).toEqual([])
        expect(await findOpenLogins(copy, old)).toEqual([])
        expect((await findOpenLogins(copy, await readSecrets(copy))).length).toBeGreaterThan(5)
      }
      return 'in no file and no environment, and no login'
    }))

  test('a token of one lab is good there and nowhere else', () =>
    recorded(part, 'tokens', async () => {
      for (const copy of all()) {
        const token = await client(copy, 'token', 'issue', '-f', 'value', '-c', 'id')
        const answers = await Promise.all(all().map((other) => useToken(other, token)))
        expect(answers).toEqual(all().map((other) => (other === copy ? '200' : '401')))
      }
      return '9 requests: 3 accepted, 6 refused'
    }))
}

export function removalTests({ original, clones }: Labs, { id, file }: { id: () => string; file: () => string }): void {
  const purge = async (copy: Copy, ofLab: string) => {
    await expectRun(copy, 'down', '--purge', '--yes')
    expect((await readRemains(ofLab)).filter((line) => !line.includes('/saves/'))).toEqual([])
  }

  test('the others stay whole when one is removed with its saves, and the layers go with the last', () =>
    recorded(part, 'down --purge, one after the other', async () => {
      const [first, second] = clones as [Clone, Clone]
      await purge(first.copy, first.id)
      expect(existsSync(savesOf(first.id))).toBe(false)
      for (const copy of [original(), second.copy]) await expectVerified(copy)
      await purge(original(), id())
      await expectVerified(second.copy)
      await expectSaveWhole(second.id, base)
      expect(existsSync(savesOf(id()))).toBe(true)
      await purge(second.copy, second.id)
      expect([id(), second.id].filter((one) => existsSync(savesOf(one)))).toEqual([])
      return 'the others verified each time; nothing left at last'
    }))

  test('imported without another name, it is the original again: for another user, and then here', () =>
    recorded(part, 'import where the lab is no more', async () => {
      const { copy, file: own } = clones[1]!
      const took = stopwatch()
      await expectRun(copy, 'import', own, '--trust')
      await expectRun(copy, 'restore', base, '--yes')
      const seconds = took.shown()
      expect([await readLabId(copy), await readMark(copy)]).toEqual([id(), 'saved'])
      await expectVerified(copy)
      expect(await expectRefused(original(), 'import', file(), '--trust')).toContain('which this machine has already')
      await purge(copy, id())
      await expectRun(original(), 'import', file(), '--trust')
      await expectRun(original(), 'restore', base, '--yes')
      await expectVerified(original())
      return `the other user's, verified after ${seconds}; then the one here`
    }))
}
