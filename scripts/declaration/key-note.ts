/** The shape of the note on one key of ansible-vars/. */

export interface KeyNote {
  means: string
  unit?: string
  /** As the files are delivered; absent where a key stands in none of them. */
  delivered?: string | number | boolean
  /** What holds where the key is left out; absent where it may not be. */
  without?: string
}

/** The notes of a mapping's keys, by their whole path. */
export const prefixed = (prefix: string, notes: Record<string, KeyNote>) =>
  Object.fromEntries(Object.entries(notes).map(([key, note]) => [`${prefix}.${key}`, note]))
