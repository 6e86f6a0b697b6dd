/** The published checksum of an image: given directly, or looked up in a list such as SHA256SUMS. */

import type { Finding } from '../declaration/errors.ts'

export const algorithms = ['sha256', 'sha512'] as const
export type Algorithm = (typeof algorithms)[number]

export interface Checksum {
  algorithm: Algorithm
  /** Lower-case hex digits. */
  value: string
}

const digits: Readonly<Record<Algorithm, number>> = { sha256: 64, sha512: 128 }

/** By the number of its digits, which differs. */
function checksumOf(hex: string): Checksum | undefined {
  const algorithm = algorithms.find((one) => digits[one] === hex.length)
  return algorithm && /^[0-9a-f]+$/i.test(hex) ? { algorithm, value: hex.toLowerCase() } : undefined
}

/** `sha256:HEX`, `sha512:HEX` or the digits alone; undefined if the word is none, and so may be a file or an address. */
export function parseChecksum(word: string): Checksum | Omit<Finding, 'where'> | undefined {
  const [, algorithm, hex] = /^(sha\d+):(.*)$/.exec(word) ?? []
  if (!algorithm) return checksumOf(word)
  const found = checksumOf(hex!)
  if (found?.algorithm === algorithm) return found
  const known = algorithms.find((one) => one === algorithm)
  return known
    ? { given: `${known}: followed by ${hex!.length} characters`, allowed: `${digits[known]} hex digits` }
    : { given: `${algorithm}:`, allowed: algorithms.map((one) => `${one}:HEX`).join(', ') }
}

/** The line of a file in a list, of sha256sum's own form or of the BSD one; a list may hold the digits alone. */
export function findInList(list: string, file: string): Checksum | undefined {
  const lines = list.split('\n').map((line) => line.trim())
  for (const line of lines) {
    const [, name, value] = /^SHA(?:256|512) \((.+)\) = ([0-9a-fA-F]+)$/.exec(line) ?? []
    const [, hex, listed] = /^([0-9a-fA-F]{64,128})\s+\*?(.+)$/.exec(line) ?? []
    if (name === file) return checksumOf(value!)
    if (listed?.replace(/^\.\//, '') === file) return checksumOf(hex!)
  }
  const only = lines.filter(Boolean)
  return only.length === 1 ? checksumOf(only[0]!) : undefined
}

/** Names of lists that stand beside an image, as distributions publish them. */
export function listsBeside(file: string): string[] {
  return ['SHA512SUMS', 'SHA256SUMS', `${file}.sha512`, `${file}.sha256`, `${file}.SHA256`]
}
