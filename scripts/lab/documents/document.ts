/** A document that a command prints for programs: its name and version, and the schema that docs/reference/json publishes. */

import { z } from 'zod'
import { print } from '../../terminal/print.ts'

export const jsonOption = 'one JSON document on stdout; schema: docs/reference/json'

type Shape = Readonly<Record<string, z.ZodType>>

export interface Document<S extends Shape = Shape> {
  name: string
  /** How a user gets it: `./lab status --json`. */
  command: string
  schema: z.ZodObject<S & { schema: z.ZodLiteral<string> }>
  /** The value of the field `schema`. A change that may break a reader raises the version. */
  id: string
}

export function defineDocument<const S extends Shape>(
  name: string,
  { version, command, fields }: { version: number; command: string; fields: S },
): Document<S> {
  const id = `duostack/${name}/v${version}`
  return { name, command, id, schema: z.strictObject({ schema: z.literal(id), ...fields }) }
}

/** Whatever the field's types have beyond the schema is a mistake that the compiler finds. */
export type Content<D> = D extends Document<infer S> ? z.input<z.ZodObject<S>> : never

interface Form {
  /** On one line, for a stream of documents. */
  line?: boolean | undefined
}

export const renderDocument = <S extends Shape>(
  { id }: Document<S>,
  content: z.input<z.ZodObject<S>>,
  { line = false }: Form = {},
): string => JSON.stringify({ schema: id, ...content }, null, line ? 0 : 2)

/** On stdout, alone. */
export function printDocument<S extends Shape>(document: Document<S>, content: z.input<z.ZodObject<S>>, form?: Form) {
  print(renderDocument(document, content, form))
}
