/** What one project owns and uses, for `./lab status --project`. */

import { openCloud } from '../../cloud/client.ts'
import { kindsOfProjects, type Listed } from '../../cloud/object-kinds.ts'
import { findProject, type Project } from '../../cloud/project-by-name.ts'
import { type ProjectUse, readUse, showUsed } from '../../cloud/project-limits.ts'
import { expectLab } from '../../declaration/expect-lab.ts'
import type { Lab } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { table } from '../../terminal/table.ts'
import { visibleIn } from '../../terminal/visible.ts'

export interface OwnedObject {
  /** `servers`, `volumes`, `routers`, … */
  kind: string
  id: string
  name: string
  /** The service's word; absent where a kind has none. */
  status?: string
}

export interface ProjectStatus {
  project: Project
  use: ProjectUse
  objects: OwnedObject[]
}

type Found = Listed & { status?: string; floating_ip_address?: string }

const describe = (kind: string, { id, name, status, floating_ip_address: address }: Found): OwnedObject => ({
  ...{ kind, id, name: name || address || '' },
  ...(status ? { status } : {}),
})

export const isWell = ({ status = '' }: OwnedObject): boolean => !/^error/i.test(status)

/** Throws LabError if there is no such project. Keys belong to users, so they are not in it. */
export async function readProjectStatus(lab: Lab, wanted: string): Promise<ProjectStatus> {
  expectLab(lab.root)
  const cloud = await openCloud(lab, loadSecrets(lab.root))
  const project = await findProject(cloud, './lab status --project', wanted)
  const kinds = kindsOfProjects(lab, [])
  const [use, ...lists] = await Promise.all([
    readUse(cloud, lab, project.id),
    ...kinds.map(async ({ type, list }) => {
      const own = (await list(cloud)).filter(({ project_id }) => project_id === project.id)
      return own.map((one) => describe(type, one))
    }),
  ])
  return { project, use, objects: lists.flat() }
}

const words: Readonly<Record<keyof ProjectUse, string>> = {
  instances: 'instances',
  cores: 'virtual CPUs',
  memoryMiB: 'MiB of memory',
  ports: 'ports',
  networks: 'networks',
  routers: 'routers',
  floatingIps: 'floating IPs',
  volumes: 'volumes',
  volumeGiB: 'GiB of volumes',
}

export function showProjectStatus(status: ProjectStatus): string {
  const { project, use, objects } = visibleIn(status)
  const quotas = Object.entries(words).flatMap(([name, what]) => {
    const one = use[name as keyof ProjectUse]
    return one ? [[what, showUsed(one)]] : []
  })
  const rows = objects.map((one) => [`${isWell(one) ? '✓' : '✗'} ${one.kind}`, one.name, one.status ?? '', one.id])
  return [
    `project ${project.name} (${project.id})`,
    'quotas',
    ...table(quotas),
    ...(rows.length > 0 ? ['owns', ...table(rows)] : ['owns nothing']),
  ].join('\n')
}
