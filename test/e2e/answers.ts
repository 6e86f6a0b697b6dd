/** What a lab says of itself through its own commands, read and judged. */

import { expect } from 'vitest'
import type { Copy } from './copy.ts'

/** The OpenStack client's answer, parsed. */
export async function openstack<T>(copy: Copy, ...args: string[]): Promise<T> {
  const result = await copy.run('./lab', 'openstack', ...args, '-f', 'json')
  expect(result.exitCode, String(result.all)).toBe(0)
  return JSON.parse(String(result.stdout)) as T
}

/** Every line of verify holds. */
export async function expectVerified(copy: Copy, ...options: string[]): Promise<void> {
  const verify = await copy.run('./lab', 'verify', '--json', ...options)
  const { observations } = JSON.parse(String(verify.stdout)) as {
    observations: { what: string; ok: boolean; seen: string }[]
  }
  expect(observations.filter(({ ok }) => !ok)).toEqual([])
  expect(observations.length).toBeGreaterThan(10)
}
