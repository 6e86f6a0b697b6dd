/** The shape of the note on one key of ansible-vars/. */

export interface KeyNote {
  means: string
  unit?: string
  /** The value in the delivered files; absent if none of them has the key. */
  delivered?: string | number | boolean
  /** What applies if the key is left out; absent if it is required. */
  without?: string
}

/** The notes of a mapping's keys, by their whole path. */
export const prefixed = (prefix: string, notes: Record<string, KeyNote>) =>
  Object.fromEntries(Object.entries(notes).map(([key, note]) => [`${prefix}.${key}`, note]))
