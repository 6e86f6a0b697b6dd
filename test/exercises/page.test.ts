import { expect, test } from 'vitest'
import { renderExercisesPage } from '../../scripts/exercises/page.ts'

test('docs/learn/exercises.md is what the exercises say (run with -u to regenerate it)', async () => {
  await expect(renderExercisesPage()).toMatchFileSnapshot('../../docs/learn/exercises.md')
})
