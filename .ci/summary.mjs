/**
 * Usage: node .ci/summary.mjs FAILED_STEPS REPORT…
 * The end of CI's output: each failed test with its error, then 'N passed, N failed'. REPORT is a file of vitest's
 * json reporter; one that is missing counts as a failure.
 */

import { existsSync, readFileSync } from 'node:fs'

/** Enough for an assertion with its difference; documents in it are longer. */
const [shownLines, shownWidth] = [40, 400]
const [failedSteps, ...files] = process.argv.slice(2)
let passed = 0
let failed = Number(failedSteps)

function show({ name, testResults }) {
  for (const { name: file, status, message, assertionResults } of testResults) {
    const bad = assertionResults.filter((one) => one.status === 'failed')
    const errors = bad.map(({ fullName, failureMessages }) => [fullName, failureMessages.join('\n')])
    // A file that could not be loaded, or whose hooks failed, has no failed test.
    if (status === 'failed' && bad.length === 0) errors.push(['(outside its tests)', message])
    for (const [test, text] of errors) {
      console.log(`== failed: ${name}: ${file}: ${test}`)
      for (const line of text.split('\n').slice(0, shownLines)) console.log(line.slice(0, shownWidth))
    }
  }
}

for (const file of files) {
  if (!existsSync(file)) {
    console.log(`== no report: ${file}`)
    failed += 1
    continue
  }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
  show({ name: file.replace(/.*\/|\.json$/g, ''), ...report })
}

console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed || passed === 0 ? 1 : 0
