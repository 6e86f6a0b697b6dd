/** The end of CI's output, from reports of vitest. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { temporaryFolder } from './fixtures/folder.ts'

async function report(name: string, passed: number, testResults: { assertionResults: { status: string }[] }[]) {
  const file = join(temporaryFolder(), `${name}.json`)
  const failed = testResults.flatMap((one) => one.assertionResults).filter(({ status }) => status === 'failed')
  await writeFile(file, JSON.stringify({ numPassedTests: passed, numFailedTests: failed.length, testResults }))
  return file
}

const summary = (...words: string[]) =>
  execa('node', [join(import.meta.dirname, '../.ci/summary.mjs'), ...words], { reject: false })

test('names each failed test with its error, and counts over all reports', async () => {
  const unit = await report('unit', 3, [{ ...loaded('a.test.ts'), assertionResults: [{ status: 'passed' }] }])
  const one = { status: 'failed', fullName: 'lab doctor', failureMessages: ['expected 1 to be 2\nat line 7'] }
  const end = await report('e2e', 2, [{ ...loaded('life.test.ts', 'failed'), assertionResults: [one] }])
  const { exitCode, stdout } = await summary('1', unit, end)
  expect(exitCode).toBe(1)
  expect(stdout).toBe('== failed: e2e: life.test.ts: lab doctor\nexpected 1 to be 2\nat line 7\n5 passed, 2 failed')
})

test('a file that could not be loaded is named; a report that is missing, and no test at all, are failures', async () => {
  const broken = await report('unit', 1, [{ ...loaded('b.test.ts', 'failed'), assertionResults: [] }])
  expect((await summary('0', broken)).stdout).toContain('b.test.ts: (outside its tests)\nno such module')
  expect(await summary('0', join(temporaryFolder(), 'none.json'))).toMatchObject({ exitCode: 1 })
  expect(await summary('0', await report('empty', 0, []))).toMatchObject({ exitCode: 1, stdout: '0 passed, 0 failed' })
  expect(await summary('0', await report('good', 1, []))).toMatchObject({ exitCode: 0, stdout: '1 passed, 0 failed' })
})

function loaded(name: string, status = 'passed') {
  return { name, status, message: status === 'failed' ? 'no such module' : '' }
}
