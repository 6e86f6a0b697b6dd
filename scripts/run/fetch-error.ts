/** Finds out why an HTTP request got no answer; fetch hides this in the causes of its error. */

/** `connect ECONNREFUSED 10.0.0.11:5000` */
export function fetchError(error: unknown): string {
  const { cause, message, code, name } = error as Error & { cause?: unknown; code?: string }
  if (cause) return fetchError(cause)
  return name === 'TimeoutError' ? 'no answer in time' : message || code || String(error)
}
