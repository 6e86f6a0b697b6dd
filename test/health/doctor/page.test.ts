import { expect, test } from 'vitest'
import { renderTroubleshooting } from '../../../scripts/health/doctor/page.ts'
import { rules } from '../../../scripts/health/doctor/rules/index.ts'

test('docs/reference/troubleshooting.md matches the rules (run with -u to regenerate it)', async () => {
  const page = renderTroubleshooting()
  for (const name of Object.keys(rules)) expect(page.split(`### \`${name}\``)).toHaveLength(2)
  await expect(page).toMatchFileSnapshot('../../../docs/reference/troubleshooting.md')
})
