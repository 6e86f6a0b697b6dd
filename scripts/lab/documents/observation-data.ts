/** The values that observations carry for programs, by the form of their id: a word in capitals stands for any word. */

import { z } from 'zod'
import type { Observation } from '../../run/check.ts'
import { count } from './shared.ts'

interface ObservationData {
  id: string
  data: Readonly<Record<string, z.ZodType>>
}

const seconds = z.number().min(0)
const text = z.string()

export const observationData: readonly ObservationData[] = [
  { id: 'endpoint/TYPE/INTERFACE', data: { url: text, status: count, seconds } },
  { id: 'agents/NODE', data: { kind: text, count, alive: count } },
  { id: 'daemon/NAME/NODE', data: { kind: text, count } },
  { id: 'hypervisor/NODE', data: { kind: text, count } },
  { id: 'nova/upgrade', data: { checks: count } },
  { id: 'clock/NODE', data: { source: text, stratum: count } },
  { id: 'demo', data: { instances: count, maxInstances: count, maxCores: count, maxMemoryMiB: count } },
  { id: 'instance/NAME/active', data: { status: text, address: text, host: text } },
  { id: 'instance/NAME/ping', data: { address: text, seconds } },
  { id: 'routing/mtu', data: { mtu: count } },
  { id: 'console', data: { url: text, width: count, height: count } },
  { id: 'instance/filter', data: { ping: z.boolean(), ssh: z.boolean() } },
  { id: 'node/NODE', data: { usedMiB: count, memoryMiB: count } },
  { id: 'impaired/SERVER', data: { seconds } },
]

/** What is wrong with an observation's data; empty: nothing. Pure. */
export function wrongData({ id, data }: Observation): string[] {
  if (!data || JSON.stringify(data) === '{"tried":false}') return []
  const form = observationData.find((one) => new RegExp(`^${one.id.replaceAll(/[A-Z]+/g, '[^/]+')}$`).test(id))
  if (!form) return [`${id}: no such form of data is documented`]
  const { error } = z.strictObject(form.data).partial().safeParse(data)
  return error ? error.issues.map(({ path, message }) => `${id}: ${path.join('.')}: ${message}`) : []
}
