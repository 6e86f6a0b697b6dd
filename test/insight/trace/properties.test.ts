import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Evidence, RecordedFile, Recording } from '../../../scripts/insight/trace/evidence.ts'
import { traceOf } from '../../../scripts/insight/trace/flow.ts'
import { textSteps } from '../../../scripts/insight/trace/steps.ts'
import type { Trace } from '../../../scripts/insight/trace/trace.ts'
import { anyColour } from '../../../scripts/terminal/colour.ts'
import { readRecording } from './recording.ts'

const recording = readRecording('launch')
const whole = traceOf(recording)
const order = textSteps.map(({ id }) => id)

/** The text of each piece of evidence is in the recording at the place it names. */
function isThere({ files }: Recording, { node, file, line, text }: Evidence): boolean {
  return files.some((one) => {
    if (one.node !== node || one.file !== file) return false
    if (file.startsWith('mariadb:')) return (one.lines[line] ?? '').split('\t').every((cell) => text.includes(cell))
    const index = one.numbers ? one.numbers.indexOf(line) : line - one.first
    return (one.lines[index] ?? '').replaceAll(anyColour, '') === text
  })
}

function holds(trace: Trace, from: Recording): void {
  const times = trace.steps.map(({ atMs }) => atMs)
  expect(times).toEqual(times.toSorted((left, right) => left - right))
  const ids = trace.steps.map(({ textStep }) => textStep).filter((id) => id !== null)
  expect(new Set(ids).size).toBe(ids.length)
  expect([...ids, ...trace.notSeen.map(({ textStep }) => textStep)].toSorted()).toEqual(order.toSorted())
  for (const { evidence, more = [] } of trace.steps) {
    for (const one of [evidence, ...more]) expect(isThere(from, one)).toBe(true)
  }
}

/** Of each file, the lines at the positions that `keep` accepts. */
function without(keep: (file: RecordedFile, index: number) => boolean): Recording {
  const files = recording.files.map((file) => {
    // Tables have a header line, the others do not.
    const kept = file.lines.flatMap((_, index) =>
      keep(file, index) || (index === 0 && file.file.startsWith('mariadb:')) ? [index] : [],
    )
    return {
      ...file,
      numbers: kept.map((index) => file.numbers?.[index] ?? file.first + index),
      lines: kept.map((index) => file.lines[index]!),
    }
  })
  return { ...recording, files: files.filter(({ lines }) => lines.length > 0) }
}

describe('whatever is missing in a recording', () => {
  test('whole: times rise, no step comes twice, every arrow has its line', () => holds(whole, recording))

  test('any lines: what is shown still has its line, and no step appears that was not there', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        let state = seed | 1
        const random = () => {
          state = (Math.imul(state, 1103515245) + 12345) | 0
          return (state >>> 8) / 2 ** 24
        }
        const less = without(() => random() < share)
        const trace = traceOf(less)
        holds(trace, less)
      }),
      { numRuns: 40 },
    )
  })

  test('everything after a moment: no step is shown that had not yet happened', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.tookMs }), (moment) => {
        const end = recording.began + moment
        const less = without((file, index) => {
          if (!file.file.endsWith('/wire.log')) return file.file.endsWith('/sockets.log')
          return (JSON.parse(file.lines[index]!) as { t: number }).t * 1000 <= end
        })
        const trace = traceOf(less)
        holds(trace, less)
        for (const { atMs } of trace.steps) expect(atMs).toBeLessThanOrEqual(moment + 0.001)
        const before = whole.steps.filter(
          ({ textStep, atMs, evidence }) => textStep && atMs <= moment && evidence.file.endsWith('/wire.log'),
        )
        const shown = trace.steps.map(({ textStep }) => textStep)
        // Sign-in and request are recognized only together, network-10 only by the tap, which is not in wire.log.
        if (moment > 100)
          for (const { textStep } of before.filter(
            ({ kind, textStep }) => kind === 'RPC call' && textStep !== 'network-10',
          ))
            expect(shown).toContain(textStep)
      }),
      { numRuns: 30 },
    )
  })

  test('lines of other launches change nothing', () => {
    const wire = recording.files.find(({ file }) => file.endsWith('/wire.log'))!
    const foreign = (line: string) =>
      line
        .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}/g, '00000000-0000-4000')
        .replaceAll(/"(msg_id|unique_id|token|subject|reply_q)": "[^"]*"/g, '"$1": "other"')
        .replaceAll(/tokens\/\w+/g, 'tokens/other')
        .replaceAll(/tap[0-9a-f]{8}-/g, 'tap00000000-')
    const doubled = recording.files.map((file) =>
      file === wire
        ? {
            ...file,
            numbers: [...file.lines.map((_, index) => 1_000_000 + index), ...(file.numbers ?? [])],
            lines: [
              ...file.lines.map((line) =>
                foreign(line)
                  .replace(/"n": (\d+)/, '"n": 9$1')
                  .replace(/"of": (\d+)/, '"of": 9$1'),
              ),
              ...file.lines,
            ],
          }
        : file,
    )
    const trace = traceOf({ ...recording, files: doubled })
    const lines = (one: Trace) =>
      one.steps.filter(({ textStep }) => textStep).map(({ textStep, evidence }) => `${textStep} ${evidence.line}`)
    const wireSteps = (one: Trace) => lines(one).filter((line) => !/network-(5|9)/.test(line))
    expect(wireSteps(trace)).toEqual(wireSteps(whole))
  })
})
