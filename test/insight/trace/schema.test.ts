import { expect, test } from 'vitest'
import { z } from 'zod'
import { traceOf } from '../../../scripts/insight/trace/flow.ts'
import { readRecording } from './recording.ts'
import { traceSchema } from './trace-schema.ts'

test.each(['launch', 'no-valid-host', 'quota', 'wrong-image', 'dead-dhcp-agent', 'stopped-scheduler'])(
  'the trace of %s matches the schema',
  (name) => {
    const json = JSON.parse(JSON.stringify(traceOf(readRecording(name))))
    expect(traceSchema.safeParse(json).error?.issues).toBeUndefined()
  },
)

test('docs/reference/trace.schema.json matches this schema (run with -u to regenerate it)', async () => {
  await expect(`${JSON.stringify(z.toJSONSchema(traceSchema), null, 2)}\n`).toMatchFileSnapshot(
    '../../../docs/reference/trace.schema.json',
  )
})
