/** Recordings of launches: found again by name or id, and a damaged one is left out. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findRecording, newestRecording, saveRecording } from '../../../scripts/insight/trace/store.ts'
import { temporaryFolder } from '../../fixtures/folder.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

test('a recording is found by the name and the id of its instance; torn and foreign files are not read', () => {
  const state = temporaryFolder()
  const lab = { ...fixtureLab('lxc'), paths: { ...fixtureLab('lxc').paths, state } }
  const recording = {
    ...{ id: 'abc', began: 1, server: { id: 's1', name: 'test', status: 'ACTIVE' } },
    ...{ files: [{}], nodes: [] },
  } as never
  mkdirSync(join(state, 'traces'))
  const whole = JSON.stringify(recording)
  for (const [file, content] of [
    ['9-torn.json', whole.slice(0, whole.length / 2)],
    ['8-empty.json', ''],
    ['7-other.json', '[]'],
    ['6-null.json', 'null'],
  ] as const) {
    writeFileSync(join(state, 'traces', file), content)
  }
  expect(findRecording(lab, 'test')).toBeUndefined()
  saveRecording(lab, recording)
  expect(findRecording(lab, 'test')).toEqual(recording)
  expect(findRecording(lab, 's1')).toEqual(recording)
  expect(newestRecording(lab)).toEqual(recording)
})
