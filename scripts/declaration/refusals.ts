/** YAML syntax that the declaration does not allow, found in the text itself: Jinja, tags, anchors, aliases, tabs. */

import { CST, Lexer } from 'yaml'

export interface Refusal {
  offset: number
  given: string
  allowed: string
  remedy?: string
}

const plain = 'plain values, written out'

/** Reads tokens instead of nodes, because `{{ x }}` and `{% x %}` without quotes are not parsed into useful nodes. */
export function findRefusals(text: string): Refusal[] {
  const refusals: Refusal[] = []
  let offset = 0
  let inScalar = false
  let uncommented = ''
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token)
    // Marks of the lexer that are not in the text. Its input holds no control characters: see source.ts.
    if (type === 'scalar' || type === 'doc-mode' || type === 'flow-error-end') {
      inScalar = type === 'scalar'
      continue
    }
    if (!inScalar) refusals.push(...refuseToken(type, token, offset))
    uncommented += !inScalar && type === 'comment' ? token.replaceAll(/[^\n]/g, ' ') : token
    inScalar = false
    offset += token.length
  }
  return [...findJinja(uncommented), ...refusals]
}

function findJinja(text: string): Refusal[] {
  return [...text.matchAll(/\{\{|\{%/g)].map(({ index, 0: given }) => ({
    offset: index,
    given: `Jinja (${given})`,
    allowed: `${plain}: the lab reads these files without Ansible`,
    remedy: 'write the plain value',
  }))
}

const closedQuotes = {
  'double-quoted-scalar': /^"(?:[^"\\]|\\[\s\S])*"$/,
  'single-quoted-scalar': /^'(?:[^']|'')*'$/,
}

function refuseToken(type: ReturnType<typeof CST.tokenType>, token: string, offset: number): Refusal[] {
  if (type === 'tag' && /^!vault\b/.test(token)) {
    const remedy = 'write the plain value; secrets belong in ansible-vars/secrets.yml, which is generated'
    return [{ offset, given: 'a value encrypted by Ansible Vault (!vault)', allowed: plain, remedy }]
  }
  if (type === 'tag') return [{ offset, given: `the tag ${token}`, allowed: `${plain}, without a tag` }]
  if (type === 'anchor') return [{ offset, given: `the anchor ${token}`, allowed: plain }]
  if (type === 'alias') return [{ offset, given: `the alias ${token}`, allowed: plain }]
  if (type === 'directive-line') return [{ offset, given: `the directive ${token.trim()}`, allowed: plain }]
  const closed = closedQuotes[type as keyof typeof closedQuotes]
  if (closed && !closed.test(token)) return [{ offset, given: 'an unclosed quote', allowed: 'valid YAML' }]
  const tab = type === 'space' ? token.indexOf('\t') : -1
  return tab < 0 ? [] : [{ offset: offset + tab, given: 'a tab', allowed: 'spaces' }]
}
