/** The first entry of an exported file: what it is, and how much it unpacks to. */

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { parseSave, type Save } from './saves.ts'

/** Of the file. */
const manifestFormat = 1

const schema = z.strictObject({
  format: z.literal(manifestFormat),
  /** Of this tool. */
  version: z.string().max(40),
  /** Of OpenStack. */
  release: z.literal('zed'),
  /** Of all that follows, unpacked; nothing beyond it is read. */
  bytes: z.int().min(1),
  save: z.record(z.string(), z.unknown()),
})

export interface Manifest {
  version: string
  bytes: number
  save: Save
}

/** A record of tar: more than the manifest itself takes. */
const manifestRoom = 10_240

const toolVersion = () =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version

/** Bash: prints it, with the content of `$total`, the bytes of the rest. */
export function manifestParts(save: Save): [before: string, after: string] {
  const { source: _, ...shown } = save
  const text = JSON.stringify({ format: manifestFormat, version: toolVersion(), release: 'zed', bytes: 0, save: shown })
  const [before, after] = text.split('"bytes":0,"save"')
  return [`${before}"bytes":`, `,"save"${after}`]
}

export const withManifest = `$((total + ${manifestRoom}))`

/** Undefined for a file that is none of ours, or of another release or version. */
export function parseManifest(text: string): Manifest | undefined {
  try {
    const { version, bytes, save } = schema.parse(JSON.parse(text))
    const known = parseSave(JSON.stringify(save))
    return known ? { version, bytes, save: known } : undefined
  } catch {
    return undefined
  }
}
