/** Recordings of a real lab, made by record.ts. */

import { readFileSync } from 'node:fs'
import type { Recording } from '../../../scripts/insight/trace/evidence.ts'

export function readRecording(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`recorded/${name}.json`, import.meta.url), 'utf8')) as Recording
}
