/** Removes secrets from text that leaves this machine: the lab's own by value, all others by pattern. */

/** Patterns of secrets, and what replaces them. */
const shapes: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // Keystone's tokens, and anything else encrypted with Fernet.
  [/gAAAA[\w-]{20,}={0,2}/g, '***'],
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, '-----BEGIN $1----- ***'],
  // rabbit://openstack:password@10.0.0.11, mysql+pymysql://…
  [/(\w:\/\/[^\s/:@]*):[^\s/@]+@/g, '$1:***@'],
  // A console's token in its URL.
  [/(token=)[0-9a-f]{8}-[0-9a-f-]{20,}/gi, '$1***'],
  // `password = …`, `"adminPass": "…"`, `metadata_proxy_shared_secret=…`, `default_pass = …`, `X-Auth-Token: …`
  [
    /((?:password|passwd|_pass|adminPass|secret|secret_key|auth[-_]token)["']?\s*[:=]\s*)(["']?)(?!\*\*\*)[^\s"',;}]{4,}\2/gi,
    '$1$2***$2',
  ],
]

/** Masking short values would hide ordinary words; the lab's own secrets have 32 characters. */
const shortest = 8

export function maskSecrets(text: string, secrets: readonly string[]): string {
  const values = secrets.filter(({ length }) => length >= shortest)
  // Also as they are encoded in a basic authentication header or in a URL.
  const forms = values.flatMap((value) => [value, encodeURIComponent(value)])
  const named = forms.reduce((rest, value) => rest.replaceAll(value, '***'), text)
  return shapes.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), named)
}
