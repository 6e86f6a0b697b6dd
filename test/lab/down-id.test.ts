/**
 * What is left of a lab without a checkout is removed by its id alone; a lab that still has its checkout is refused.
 */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { execaSync } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../fixtures/folder.ts'

const root = resolve(import.meta.dirname, '../..')
const down = (id: string) => execaSync('./lab', ['down', '--id', id, '--yes'], { cwd: root, reject: false, all: true })

/** A different id in each run, because several checkouts may be tested at once. */
const newId = () => randomBytes(4).toString('hex')

/** A lab's folder on this machine, with what its removal needs. Needs root, as a lab does. */
function leave(id: string, owner: string): string {
  const data = `/var/lib/duostack/${id}`
  mkdirSync(data, { recursive: true })
  writeFileSync(`${data}/owner`, `${owner}\n`)
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  return data
}

test.runIf(process.getuid?.() === 0)('a leftover is removed by its id', () => {
  const id = newId()
  const data = leave(id, '/nowhere')
  const { exitCode, all } = down(id)
  expect(all).toContain('nothing is left of lab')
  expect(exitCode).toBe(0)
  expect(existsSync(data)).toBe(false)
})

test.runIf(process.getuid?.() === 0)(
  'the lab of another checkout is refused, and the way to remove it is named',
  () => {
    const checkout = temporaryFolder()
    mkdirSync(`${checkout}/.lab`)
    // Unreadable as an identity, so it may be the identity of this very lab.
    writeFileSync(`${checkout}/.lab/lab.json`, 'torn')
    const id = newId()
    const data = leave(id, checkout)
    const { exitCode, all } = down(id)
    expect(exitCode).toBe(2)
    expect(all).toContain(`cd ${checkout} && ./lab down`)
    expect(existsSync(data)).toBe(true)
  },
)

test.runIf(process.getuid?.() === 0)('an id that no lab has is refused', () => {
  expect(down(newId()).exitCode).toBe(2)
})
