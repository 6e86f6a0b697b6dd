/** The scripts of changes, run by bash on files of a folder in place of a node's. */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { describe, expect, test } from 'vitest'
import { breakScript, editedFile, restoreScript } from '../../scripts/exercises/node-changes.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

/** A node whose folders are below a temporary one; systemctl writes down what it is asked. */
function fakeNode() {
  const folder = temporaryFolder()
  const file = join(folder, 'nova.conf')
  writeFileSync(file, '[DEFAULT]\nurl = right\n', { mode: 0o640 })
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\necho "$@" >>${folder}/calls\n`, { mode: 0o755 })
  const change = editedFile('compute', file, 's/right/wrong/', 'nova-compute')
  const run = (script: string) =>
    execaSync('bash', [], {
      input: script.replaceAll('/var/lib/', `${folder}/`).replaceAll('/run/', `${folder}/`),
      env: { PATH: `${bin}:${process.env['PATH']}` },
      reject: false,
    })
  const calls = () => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : '')
  return { folder, file, change, run, calls, text: () => readFileSync(file, 'utf8') }
}

const right = '[DEFAULT]\nurl = right\n'

describe('an edited file', () => {
  test('is changed, put back with what reads it, and nothing of ours is left', () => {
    const { folder, change, run, text, calls } = fakeNode()
    expect(run(breakScript(change)).exitCode).toBe(0)
    expect(text()).toBe('[DEFAULT]\nurl = wrong\n')
    expect(run(restoreScript(change)).exitCode).toBe(0)
    expect(text()).toBe(right)
    expect(calls()).toBe('restart nova-compute\nreset-failed nova-compute\nrestart nova-compute\n')
    expect(existsSync(join(folder, 'duostack-exercise'))).toBe(false)
  })

  test('restoring twice, or what was never broken, does nothing', () => {
    const { change, run, text, calls } = fakeNode()
    expect(run(restoreScript(change)).exitCode).toBe(0)
    run(breakScript(change))
    run(restoreScript(change))
    const before = calls()
    expect(run(restoreScript(change)).exitCode).toBe(0)
    expect([text(), calls()]).toEqual([right, before])
  })

  test('is put back also after another repair, and after its removal', () => {
    const { file, change, run, text } = fakeNode()
    run(breakScript(change))
    writeFileSync(file, 'url = mine\n')
    run(restoreScript(change))
    expect(text()).toBe(right)
    run(breakScript(change))
    rmSync(file)
    expect(run(restoreScript(change)).exitCode).toBe(0)
    expect(text()).toBe(right)
  })

  test('a break that changes nothing fails, and can be undone', () => {
    const { file, change, run, text } = fakeNode()
    writeFileSync(file, 'other\n')
    expect(run(breakScript(change))).toMatchObject({ exitCode: 1, stderr: `nothing was changed in ${file}` })
    expect(run(restoreScript(change)).exitCode).toBe(0)
    expect(text()).toBe('other\n')
  })

  test('killed after any of its lines, it is put back', () => {
    const { change, run, text } = fakeNode()
    const lines = breakScript(change).split('\n')
    for (let count = 1; count < lines.length; count++) {
      // A line that opens a block needs its end.
      const part = lines.slice(0, count).join('\n')
      if (execaSync('bash', ['-n'], { input: part, reject: false }).exitCode !== 0) continue
      run(`${part}\nkill -KILL $$`)
      expect(run(restoreScript(change)).exitCode, part).toBe(0)
      expect(text(), part).toBe(right)
    }
  })
})
