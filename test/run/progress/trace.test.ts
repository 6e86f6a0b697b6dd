import { afterEach, beforeEach, expect, test } from 'vitest'
import { beVerbose, hideInTrace, trace, traceTo } from '../../../scripts/run/progress/trace.ts'

let lines: string[]

beforeEach(() => {
  lines = []
  traceTo((line) => lines.push(line))
})
afterEach(() => {
  delete process.env['DUOSTACK_VERBOSE']
  hideInTrace([])
})

test('nothing is shown unless it is asked for', () => {
  trace('controller', 'systemctl restart nova-api')
  beVerbose()
  trace('controller', 'systemctl restart nova-api')
  expect(lines).toEqual(['  + controller: systemctl restart nova-api'])
})

test('a command of many lines becomes one line, and a long here-document is only counted', () => {
  beVerbose()
  trace('controller', `if true\nthen\n  echo yes\nfi\nbash <<'end'\n${'x y\n'.repeat(50)}end\n`)
  expect(lines).toEqual(["  + controller: if true; then; echo yes; fi; bash <<'end' (199 characters)"])
})

test('no secret is shown: neither plain, nor encoded in a file that is sent to a node', () => {
  beVerbose()
  hideInTrace(['geheimes-wort'])
  const encoded = Buffer.from('password = geheimes-wort').toString('base64')
  trace('controller', `mysql -pgeheimes-wort; write_file /etc/x <<'end'\n${encoded}\nend`)
  expect(lines.join()).toContain('-p***')
  expect(lines.join()).not.toContain(encoded)
})
