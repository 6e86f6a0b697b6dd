/** `./lab test hosts [A|B|C] [CASE…]`: creates other machines and runs labs on them. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { recorded, showLedger } from './ledger.ts'
import { type Ground, type Machine, takeGround } from './machine.ts'
import type { Row } from './row.ts'
import { systemdRows } from './rows-systemd.ts'
import { virtualRows } from './rows-virtual.ts'
import { startSystemdMachine } from './systemd-machine.ts'
import { startVirtualMachine } from './vm-machine.ts'

const rows: readonly Row[] = [...systemdRows, ...virtualRows]
const wanted = (process.env['DUOSTACK_HOSTS_CASES'] ?? '').split(',').filter(Boolean)
const isWanted = (row: Row) => wanted.length === 0 || wanted.includes(row.name) || wanted.includes(row.machine)
const fresh = process.env['DUOSTACK_HOSTS_FRESH'] === '1'
const keep = process.env['DUOSTACK_HOSTS_KEEP'] === '1'

let ground: Ground

beforeAll(async () => {
  ground = await takeGround()
})

afterAll(async () => {
  await ground.leave()
  console.error(`\n${showLedger()}`)
})

test('the requested cases exist', () => {
  const known = rows.flatMap(({ name, machine }) => [name, machine as string])
  expect(wanted.filter((word) => !known.includes(word))).toEqual([])
})

for (const row of rows.filter(isWanted)) {
  test(`${row.machine}: ${row.name}: ${row.what}`, () =>
    recorded(row, async () => {
      const machine = await makeMachine(row)
      try {
        return await row.run({ machine, row })
      } catch (error) {
        console.error(`hosts: the last words of ${machine.name}:\n${await machine.lastWords()}`)
        if (keep) await showForLooking(machine, error)
        throw error
      } finally {
        await machine.remove()
      }
    }))
}

function makeMachine(row: Row): Promise<Machine> {
  if (row.machine !== 'A') return startVirtualMachine(ground, row, fresh)
  const node = row.suite === 'trixie' && !row.bare ? ['nodejs', 'npm'] : []
  return startSystemdMachine(ground, {
    name: row.name,
    recipe: {
      suite: row.suite,
      packages: [...node, ...(row.packages ?? [])],
      ...(row.offline ? { minimal: true as const } : {}),
    },
    seeded: !row.bare && !row.offline,
    checkout: !row.bare,
    offline: row.offline,
    fresh,
  })
}

/** Waits until Ctrl-C, to let a person find out why. */
async function showForLooking(machine: Machine, error: unknown): Promise<void> {
  console.error(`${(error as Error).message}\n\nhosts: ${machine.name} stays until Ctrl-C: ${machine.enter}`)
  await new Promise(() => setInterval(() => {}, 60_000))
}
