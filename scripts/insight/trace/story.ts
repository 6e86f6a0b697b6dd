/** What a recording is about, and so which steps it is searched for: a launch, on a project network or not, or a floating IP. */

import type { Recording } from './evidence.ts'
import { floatingSteps, projectSteps } from './self-service-steps.ts'
import { textSteps } from './steps.ts'
import type { StepId, TextStep } from './text-step.ts'

interface About {
  about?: Recording['about'] | undefined
}

/** In the order in which they are listed. */
export function stepsOf({ about }: About): readonly TextStep[] {
  if (about === 'floating-ip') return floatingSteps
  return about === 'project-network' ? [...textSteps, ...projectSteps] : textSteps
}

const every = [...textSteps, ...projectSteps, ...floatingSteps]

export const stepOf = (id: StepId | string | null) => every.find((step) => step.id === id)

/** What the sentence of a step is quoted from. */
export const sourceOf = (id: StepId | string | null) => (/^(project|floating)-/.test(id ?? '') ? 'step' : 'textbook')

export const isLaunch = ({ about }: About) => about !== 'floating-ip'
