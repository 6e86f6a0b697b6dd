/** The texts of an exercise in a person's language, with this lab's own names. */

import type { Lab } from '../declaration/lab.ts'
import type { Exercise, Texts } from './exercise.ts'

export const languages = ['en', 'ko'] as const
export type Language = (typeof languages)[number]

/** As the C library chooses it. */
export function languageOf(env: NodeJS.ProcessEnv = process.env): Language {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return locale.startsWith('ko') ? 'ko' : 'en'
}

function fill(text: string, { cloud, providerPool }: Pick<Lab, 'cloud' | 'providerPool'>): string {
  return text
    .replaceAll('SERVER', cloud.server.name)
    .replaceAll('FLAVOR', cloud.flavor.name)
    .replaceAll('ADDRESS', providerPool.end)
}

/** English where there is no translation. */
export function textsOf(
  { texts, korean }: Pick<Exercise, 'texts' | 'korean'>,
  language: Language,
  lab: Pick<Lab, 'cloud' | 'providerPool'>,
): Texts {
  const { title, task, hints, answer } = language === 'ko' && korean ? korean : texts
  const [first, second, third] = hints
  return {
    title: fill(title, lab),
    task: fill(task, lab),
    hints: [fill(first, lab), fill(second, lab), fill(third, lab)],
    answer: fill(answer, lab),
  }
}
