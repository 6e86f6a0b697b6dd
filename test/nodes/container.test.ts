import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { isLost } from '../../scripts/nodes/container.ts'

test('a container is lost when its process has ended, whatever libvirtd says', () => {
  const ended = execaSync('sh', ['-c', 'echo $$']).stdout
  expect(isLost(`${ended}\n`)).toBe(true)
  expect(isLost(`${process.pid}\n\n`)).toBe(false)
  expect(isLost('-\n')).toBe(false)
  expect(isLost('')).toBe(false)
})
