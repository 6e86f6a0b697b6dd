import { expect, test } from 'vitest'
import { consoleTarget } from '../../../scripts/health/verify/console.ts'

test('the console is reached at the proxy itself, under the name that a browser uses', () => {
  expect(consoleTarget('http://127.0.0.1:6080/vnc_lite.html?path=%3Ftoken%3Dabc', '10.0.0.11')).toEqual({
    host: '10.0.0.11',
    port: 6080,
    authority: '127.0.0.1:6080',
    path: '?token=abc',
  })
})
