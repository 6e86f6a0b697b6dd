import { expect, test } from 'vitest'
import { traceOf } from '../../../scripts/insight/trace/flow.ts'
import { renderDocument } from '../../../scripts/lab/documents/document.ts'
import { traceDocument } from '../../../scripts/lab/documents/trace.ts'
import { parseDocument } from '../../harness/documents.ts'
import { readRecording } from './recording.ts'

test.each([
  'launch',
  'no-valid-host',
  'quota',
  'wrong-image',
  'dead-dhcp-agent',
  'stopped-scheduler',
  'project-network',
  'floating-ip',
])('the trace of %s matches the published schema', (name) => {
  const trace = traceOf(readRecording(name))
  expect(parseDocument(renderDocument(traceDocument, trace))).toMatchObject({
    schema: traceDocument.id,
    id: trace.id,
  })
})
