import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type Exchange,
  endExchange,
  exchange,
  exchangePaths,
  finishExchange,
  readExchange,
  stagedDisks,
  takeExchangeBack,
} from '../../scripts/checkpoint/exchange.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

const files = ['ansible-vars/hosts.yml', 'ansible-vars/secrets.yml', '.lab/lab.json', '.lab/ssh']

/** A living lab, and the one of a save laid down beside it. */
function scratch() {
  const folder = temporaryFolder()
  const [root, data] = [join(folder, 'checkout'), join(folder, 'data')]
  const fill = (at: string, disks: string, what: string) => {
    write(join(at, 'ansible-vars/hosts.yml'), what)
    write(join(at, 'ansible-vars/secrets.yml'), what)
    write(join(at, '.lab/lab.json'), what)
    write(join(at, `.lab/ssh/${what}`), what)
    write(join(disks, 'nodes/controller/upper/file'), what)
    write(join(disks, 'volumes/shared/volume'), what)
  }
  fill(root, data, 'living')
  fill(exchangePaths(root).staged, stagedDisks(data), 'saved')
  const change: Exchange = { save: 'one', data, entries: ['nodes', 'volumes'], files, direction: 'forward' }
  /** Which lab each part is of. */
  const seen = () =>
    [
      join(root, 'ansible-vars/hosts.yml'),
      join(root, 'ansible-vars/secrets.yml'),
      join(root, '.lab/lab.json'),
      join(data, 'nodes/controller/upper/file'),
      join(data, 'volumes/shared/volume'),
    ]
      .map((path) => readFileSync(path, 'utf8'))
      .concat(readdirSync(join(root, '.lab/ssh')))
  const beside = () => [
    ...readdirSync(data).filter((name) => name !== 'nodes' && name !== 'volumes'),
    ...readdirSync(join(root, '.lab')).filter((name) => !['lab.json', 'ssh', 'applied'].includes(name)),
  ]
  /** What the next save takes for the declaration that the lab was built from. */
  const applied = () => readFileSync(join(root, '.lab/applied/ansible-vars/hosts.yml'), 'utf8')
  return { root, data, change, seen, beside, applied }
}

const all = (what: string) => Array(6).fill(what)

describe.runIf(isRoot)('the exchange of a lab for a saved one', () => {
  test('puts all of it in place, and keeps what was there until it is ended', async () => {
    const { root, data, change, seen, beside } = scratch()
    await exchange(root, change)
    expect(seen()).toEqual(all('saved'))
    expect(readExchange(root)).toEqual(change)
    expect(readFileSync(join(data, 'before/nodes/controller/upper/file'), 'utf8')).toBe('living')
    expect(await endExchange(root, data)).toEqual(['ansible-vars/hosts.yml'])
    expect(beside()).toEqual(['declaration-before-restore'])
    expect(readFileSync(join(root, '.lab/declaration-before-restore/hosts.yml'), 'utf8')).toBe('living')
    expect(existsSync(join(root, '.lab/declaration-before-restore/secrets.yml'))).toBe(false)
    expect(statSync(join(root, '.lab/declaration-before-restore')).mode & 0o077).toBe(0)
  })

  test('goes back, whole', async () => {
    const { root, data, change, seen, beside } = scratch()
    await exchange(root, change)
    await exchange(root, { ...change, direction: 'back' })
    expect(seen()).toEqual(all('living'))
    expect(await endExchange(root, data)).toEqual([])
    expect(beside()).toEqual([])
  })

  test.each(['forward', 'back'] as const)('%s, done twice, is the same as once', async (direction) => {
    const { root, change, seen } = scratch()
    await exchange(root, change)
    for (const _ of [1, 2]) await exchange(root, { ...change, direction })
    expect(seen()).toEqual(all(direction === 'forward' ? 'saved' : 'living'))
  })

  /** Each part that is exchanged by itself: killed after it, the rest is not. */
  const parts = [...files.map((file) => ({ files: [file] })), { entries: ['nodes'] }, { entries: ['volumes'] }]
  test.each(parts)('killed after %j, the next command finishes it', async (part) => {
    const { root, change, seen, beside, applied } = scratch()
    write(join(root, '.lab/applied/ansible-vars/hosts.yml'), 'living')
    await exchange(root, { ...change, files: [], entries: [], ...part })
    // The journal is written before anything is moved.
    writeFileSync(exchangePaths(root).journal, JSON.stringify(change))
    const said: string[] = []
    await finishExchange(root, (line) => said.push(line))
    expect([...seen(), applied()]).toEqual([...all('saved'), 'saved'])
    expect(beside()).toEqual(['declaration-before-restore'])
    expect(said.join()).toContain('the lab is now that of save one')
  })

  test.each(parts)('killed on the way back after %j, the next command finishes that', async (part) => {
    const { root, change, seen, beside } = scratch()
    await exchange(root, change)
    const back = { ...change, direction: 'back' } as const
    await exchange(root, { ...back, files: [], entries: [], ...part })
    writeFileSync(exchangePaths(root).journal, JSON.stringify(back))
    await finishExchange(root, () => {})
    expect(seen()).toEqual(all('living'))
    expect(beside()).toEqual([])
  })

  test('killed while the save was laid down, the lab is as it was and nothing is left', async () => {
    const { root, change, seen, beside } = scratch()
    await exchange(root, { ...change, direction: 'staging' })
    await finishExchange(root, () => {})
    expect(seen()).toEqual(all('living'))
    expect(beside()).toEqual([])
  })

  test('without one, nothing happens and nothing is said', async () => {
    const { root, seen } = scratch()
    const said: string[] = []
    await finishExchange(root, (line) => said.push(line))
    expect([seen(), said]).toEqual([all('living'), []])
  })

  test('before the lab is removed, the declaration that was set aside is put back, also without the disks', async () => {
    const { root, data, change } = scratch()
    const gone = { ...change, data: join(data, 'gone') }
    await exchange(root, gone)
    expect(readFileSync(join(root, 'ansible-vars/hosts.yml'), 'utf8')).toBe('saved')
    await takeExchangeBack(root)
    expect(readFileSync(join(root, 'ansible-vars/hosts.yml'), 'utf8')).toBe('living')
  })
})
