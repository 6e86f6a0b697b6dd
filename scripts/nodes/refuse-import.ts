import { LabError } from '../declaration/errors.ts'

/** Of what is in a file from another machine. */
export const refuseImport = (given: string, allowed: string, remedy?: string) =>
  new LabError([{ where: './lab import', given, allowed, ...(remedy ? { remedy } : {}) }])
