/** Recordings of launches in `.lab/traces`, found by the instance's name or id. */

import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../declaration/files.ts'
import { readJson } from '../../declaration/json-file.ts'
import type { Lab } from '../../declaration/lab.ts'
import type { Recording } from './evidence.ts'
import { isLaunch } from './story.ts'

/** A recording has about a megabyte; the oldest ones are removed. */
const kept = 20

const folderOf = (lab: Lab) => join(lab.paths.state, 'traces')

export function saveRecording(lab: Lab, recording: Recording): string {
  const folder = folderOf(lab)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, `${recording.began}-${recording.id}.json`)
  replaceFile(file, JSON.stringify(recording))
  for (const old of listFiles(lab).slice(kept)) rmSync(join(folder, old), { force: true })
  return file
}

/** Newest first. */
function listFiles(lab: Lab): string[] {
  try {
    return readdirSync(folderOf(lab))
      .filter((file) => /^\d+-\w+\.json$/.test(file))
      .sort()
      .reverse()
  } catch {
    return []
  }
}

/** Newest first; damaged ones are left out. */
function* recordings(lab: Lab): Generator<Recording> {
  for (const file of listFiles(lab)) {
    const isWhole = ({ server, files, nodes }: Recording) => Boolean(server?.name && files?.length && nodes)
    const recording = readJson(join(folderOf(lab), file), isWhole)
    if (recording) yield recording
  }
}

/** The newest recording of an instance with this name or id, or of this recording's own id. */
export function findRecording(lab: Lab, name: string): Recording | undefined {
  for (const recording of recordings(lab)) {
    if ([recording.server.name, recording.server.id, recording.id].includes(name)) return recording
  }
  return undefined
}

/** The newest of a successful launch. */
export function newestRecording(lab: Lab): Recording | undefined {
  for (const recording of recordings(lab)) {
    if (!recording.drill && isLaunch(recording) && recording.server.status === 'ACTIVE') return recording
  }
  return undefined
}

/** The newest of any launch, also of one that failed. */
export function lastRecording(lab: Lab): Recording | undefined {
  for (const recording of recordings(lab)) if (isLaunch(recording)) return recording
  return undefined
}
