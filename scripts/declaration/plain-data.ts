/** Turns parsed YAML into plain data and rejects everything that a declaration cannot contain. */

import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { Finding } from './errors.ts'

type Refuse = (offset: number, finding: Omit<Finding, 'where'>) => void

/** Our own conversion instead of the library's: no aliases are followed, no key is silently turned into text. */
export function plainOf(node: unknown, refuse: Refuse): unknown {
  if (isScalar(node)) return node.value instanceof Date ? node.source : node.value
  if (isSeq(node)) return node.items.map((item) => plainOf(item, refuse))
  if (!isMap(node)) return undefined
  const entries = new Map<string, unknown>()
  for (const { key, value } of node.items) {
    const offset = offsetOf(key) ?? offsetOf(node) ?? 0
    if (isAlias(key)) continue
    const name = isScalar(key) ? key.value : undefined
    if (typeof name !== 'string' || name === '__proto__') {
      refuse(offset, keyThatIsNoText(key))
    } else if (entries.has(name)) {
      refuse(offset, { given: `duplicate key ${name}`, allowed: 'each key once' })
    } else {
      entries.set(name, plainOf(value, refuse))
    }
  }
  return Object.fromEntries(entries)
}

function keyThatIsNoText(key: unknown): Omit<Finding, 'where'> {
  const allowed = 'a plain text key'
  if (!isScalar(key)) return { given: 'a key that is not text', allowed }
  const written = key.source ?? String(key.value)
  const given = `the key ${written}`
  if (typeof key.value !== 'boolean' && typeof key.value !== 'number') return { given, allowed }
  const taken = typeof key.value === 'boolean' ? key.value : `the number ${key.value}`
  return {
    given,
    allowed: `${allowed}: without quotes YAML reads ${written} as ${taken}`,
    remedy: `if it is a name, put it in quotes: "${written}":`,
  }
}

/** Its offset in the text. */
export function offsetOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] } | null)?.range?.[0]
}
