import { expect, test } from 'vitest'
import { renderReference } from '../../scripts/lab/reference.ts'

test('docs/reference/commands.md matches the commands (run with -u to regenerate it)', async () => {
  await expect(await renderReference()).toMatchFileSnapshot('../../docs/reference/commands.md')
})
