/** Finds one project by its name or id. */

import { LabError } from '../declaration/errors.ts'
import { nearestTo } from '../declaration/nearest.ts'
import type { CloudClient } from './client.ts'

export interface Project {
  id: string
  name: string
}

/** Of the default domain, or any by its id. Throws LabError if there is none. */
export async function findProject(cloud: CloudClient, where: string, wanted: string): Promise<Project> {
  type Listed = Project & { domain_id: string; is_domain?: boolean }
  const { projects } = await cloud.get<{ projects: Listed[] }>('identity', '/projects')
  const found = projects.find(
    ({ id, name, domain_id }) => id === wanted || (name === wanted && domain_id === 'default'),
  )
  if (found) return { id: found.id, name: found.name }
  const names = projects.map(({ name }) => name).sort()
  const near = nearestTo(wanted, names)
  const given = `no project ${JSON.stringify(wanted)}`
  throw new LabError([
    { where, given, allowed: names.join(', '), ...(near ? { remedy: `did you mean ${near}?` } : {}) },
  ])
}
