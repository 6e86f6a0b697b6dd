/**
 * The credential sheets: one file for each student, with all that he or she needs to sign in. The only copies of the
 * students' passwords; whoever runs the lab hands them out.
 */

import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { renderCloudsOf, writePrivate } from '../cloud/access-files.ts'
import { authUrlOf } from '../cloud/client.ts'
import type { ProjectLimits } from '../cloud/project-limits.ts'
import { ports } from '../declaration/endpoints.ts'
import { LabError } from '../declaration/errors.ts'
import { isSelfService, type Lab } from '../declaration/lab.ts'
import { flatNetwork } from '../declaration/provider-network.ts'
import { showCount } from '../terminal/amounts.ts'
import type { Student } from './students.ts'

type SomeLab = Pick<Lab, 'paths'>

const folderOf = ({ paths }: SomeLab) => join(paths.state, 'class')

/** Named by the login, which the lab chooses. */
export const sheetOf = (lab: SomeLab, { login }: Student): string => join(folderOf(lab), `${login}.yaml`)

/** The same, from the checkout. */
export const shownSheet = ({ login }: Student): string => `.lab/class/${login}.yaml`

export const hasSheet = (lab: SomeLab, student: Student): boolean => existsSync(sheetOf(lab, student))

/** The folder, which only its owner can enter. */
function ensureFolder(lab: SomeLab): void {
  const folder = folderOf(lab)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!lstatSync(folder).isDirectory()) {
    const [given, allowed] = ['not a folder', 'the folder of the credential sheets']
    throw new LabError([{ where: '.lab/class', given, allowed, remedy: 'mv .lab/class SOMEWHERE' }])
  }
  chmodSync(folder, 0o700)
}

/** Undefined if there is no sheet. Throws LabError for one that is not ours. */
export function readPassword(lab: SomeLab, student: Student): string | undefined {
  if (!hasSheet(lab, student)) return undefined
  const found = parseSheet(readFileSync(sheetOf(lab, student), 'utf8'), student)
  if (/^[A-Za-z0-9]{8,64}$/.test(found)) return found
  const [given, allowed] = ['no password in it', 'the sheet that ./lab class create wrote']
  throw new LabError([{ where: shownSheet(student), given, allowed, remedy: `rm ${shownSheet(student)}` }])
}

function parseSheet(text: string, { login }: Student): string {
  try {
    const { clouds } = parse(text) as { clouds: Record<string, { auth: { password: string } }> }
    return clouds[login]!.auth.password
  } catch {
    return ''
  }
}

/** What a student may have, in words. */
export function describeLimits(limits: ProjectLimits): string {
  const { instances, cores, memoryMiB, floatingIps, volumes, volumeGiB } = limits
  return [
    `${showCount(instances, 'instance')} (${showCount(cores, 'virtual CPU')} and ${memoryMiB} MiB together)`,
    showCount(limits.ports, 'port'),
    ...(floatingIps === undefined ? [] : [showCount(floatingIps, 'floating IP')]),
    ...(volumes ? [`${showCount(volumes, 'volume')} of ${volumeGiB} GiB together`] : []),
  ].join(', ')
}

interface Sheet {
  student: Student
  password: string
  limits: ProjectLimits
}

/** A clouds.yaml, with what a person must know in front of it. The name holds no line break: see the roster. */
function renderSheet(lab: Lab, { student, password, limits }: Sheet): string {
  const { login, name } = student
  const dashboard = lab.services.horizon
    ? [`dashboard   http://127.0.0.1:${lab.cloud.ports.dashboard}/horizon/, while ./lab open runs`]
    : []
  const network = isSelfService(lab) ? `${login}, behind the router ${login}` : `${flatNetwork}, shared by all`
  const lines = [
    `${name ? `${name}: ` : ''}${login} on the lab ${lab.name}`,
    '',
    ...dashboard,
    `user        ${login}`,
    `password    ${password}`,
    `project     ${login}`,
    `network     ${network}`,
    `at most     ${describeLimits(limits)}`,
    '',
    'This file is also a clouds.yaml for OpenStack clients, on the machine of the lab:',
    `  cloud ${login}          where the lab can be reached (./lab exec)`,
    `  cloud ${login}-local    while ./lab open --api runs`,
  ]
  const account = { name: login, password }
  const clouds = renderCloudsOf(lab, [
    { ...account, cloud: login, authUrl: authUrlOf(lab) },
    { ...account, cloud: `${login}-local`, authUrl: `http://127.0.0.1:${ports.keystone}/v3` },
  ])
  return `${lines.map((line) => `# ${line}`.trimEnd()).join('\n')}\n\n${clouds}`
}

/** 0600, whole or not at all; one that is right already is left as it is. */
export function writeSheet(lab: Lab, sheet: Sheet): void {
  ensureFolder(lab)
  writePrivate(sheetOf(lab, sheet.student), renderSheet(lab, sheet))
}

export function removeSheet(lab: SomeLab, student: Student): void {
  rmSync(sheetOf(lab, student), { force: true })
  try {
    rmdirSync(folderOf(lab))
  } catch {
    // Other sheets are in it, or it is gone already.
  }
}
