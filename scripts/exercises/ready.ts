/** Whether a lab is ready for an exercise, and whether it is well again after one. */

import { openCloud } from '../cloud/client.ts'
import { LabError, NotReadyError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { readStatus } from '../health/status/status.ts'
import type { Trouble } from '../health/status/troubles.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { timeouts } from '../run/timeouts.ts'
import { poll } from '../run/wait-for.ts'
import type { Exercise } from './exercise.ts'
import { readWanted } from './wanted-objects.ts'

/** What an exercise needs and this lab does not have; it is offered where there is nothing of that kind. */
export function missingFor(
  { services, hypervisor }: Pick<Lab, 'services' | 'hypervisor'>,
  { needs = [], onlyOn }: Pick<Exercise, 'needs' | 'onlyOn'>,
): { what: string; remedy: string }[] {
  const off = needs.filter((service) => !services[service])
  const isElsewhere = onlyOn === 'containers' && !kindOf({ hypervisor }).sharesHost
  return [
    ...off.map((what) => ({ what, remedy: `set lab_services.${what}: true in ansible-vars, ./lab up` })),
    ...(isElsewhere ? [{ what: 'container nodes', remedy: './lab exercise list shows what this lab offers' }] : []),
  ]
}

/** Throws LabError if the lab is not well, or if something has a name that the exercise uses. */
export async function expectReady(lab: Lab, exercise: Exercise): Promise<void> {
  const where = './lab exercise start'
  const refuse = (given: string, allowed: string, remedy: string) => new LabError([{ where, given, allowed, remedy }])
  const missing = missingFor(lab, exercise)
  if (missing.length > 0) {
    const list = (of: 'what' | 'remedy', separator: string) => missing.map((one) => one[of]).join(separator)
    throw refuse(`this exercise needs ${list('what', ', ')}`, 'a lab with it', list('remedy', '; '))
  }
  // Right after another exercise, or on a busy machine, a second look says something else than the first.
  const own = await readTroubles(lab, timeouts.verify.exercise.seconds)
  if (own[0]) throw refuse(`${own[0].what}: ${own[0].seen}`, 'a healthy lab to begin with', './lab doctor')
  const there = await readThere(lab, exercise)
  if (there.length === 0) return
  const names = there.map(({ type, name }) => `${type} ${name}`).join(', ')
  throw refuse(
    `the cloud already has ${names}`,
    'names that are free: stop removes what has them',
    'rename or delete it',
  )
}

async function readThere(lab: Lab, { wanted }: Exercise) {
  return wanted ? readWanted(await openCloud(lab, loadSecrets(lab.root)), lab, wanted) : []
}

/** Throws NotReadyError with what is still wrong. */
export async function waitUntilHealthy(lab: Lab): Promise<void> {
  const timeoutSeconds = timeouts.verify.solved.seconds
  const own = await readTroubles(lab, timeoutSeconds)
  if (own.length === 0) return
  const all = own.map(({ what, seen }) => `${what}: ${seen}`).join('; ')
  throw new NotReadyError('the lab is healthy', timeoutSeconds, all, './lab doctor')
}

/** What is not well with the lab itself; empty as soon as all is well, otherwise as it is when the time is over. */
async function readTroubles(lab: Lab, timeoutSeconds: number): Promise<Trouble[]> {
  const polling = { timeoutSeconds, pauseSeconds: 2 }
  const { seen } = await poll(
    lab,
    polling,
    () => readStatus(lab, timeouts.nodes.statusAwaited),
    ({ healthy }) => healthy,
  )
  return seen.troubles.filter(({ ofUser }) => !ofUser)
}
