/** A patch file as it is understood here: a unified diff of a service's own Python, written anew before it goes anywhere. */

export interface ParsedPatch {
  /** Only headers and hunks: nothing else of the file reaches a node. */
  text: string
  /** In the packages' folder: `nova/scheduler/manager.py`. */
  files: string[]
  /** Parts that nodes do not have: documentation, release notes, tests. */
  leftOut: string[]
}

/** Says in words what is wrong with the file. */
export class PatchFault extends Error {}

/** What a repository has beside its packages. */
const besidePackages = /^(doc|api-guide|api-ref|releasenotes|playbooks|roles|\.zuul\.d)\//

/** The node image has no tests. */
const isTest = (path: string) => path.split('/')[1] === 'tests'

const refusedLines: readonly (readonly [RegExp, string])[] = [
  [/^GIT binary patch|^Binary files .* differ/, 'a binary file'],
  [/^(rename|copy) (from|to) /, 'a file that is renamed or copied'],
  [/^(new file|new|old|deleted file) mode 1[26]0000/, 'a symbolic link or a submodule'],
  [/^\*\*\* .*\d{4}|^\*{15}/, 'a context diff; write it with diff -u or git diff'],
  [/^\d+(,\d+)?[acd]\d*$/, 'an ed script; write it with diff -u or git diff'],
]

interface Part {
  path: string
  lines: string[]
}

/** Throws PatchFault. `packages`: the service's own. */
export function parsePatch(text: string, packages: readonly string[]): ParsedPatch {
  const parts = readParts(text.replace(/\n$/, '').split('\n'))
  if (parts.length === 0) throw new PatchFault('it has no unified diff in it')
  const isLeftOut = ({ path }: Part) => besidePackages.test(path) || (isOwn(path, packages) && isTest(path))
  const kept = parts.filter((part) => !isLeftOut(part))
  const foreign = kept.find(({ path }) => !isOwn(path, packages))
  if (foreign) throw new PatchFault(`it changes ${foreign.path}, which is not in ${packages.join(' or ')}`)
  if (kept.length === 0) throw new PatchFault('all that it changes is documentation or tests, which nodes do not have')
  const unique = (list: readonly Part[]) => [...new Set(list.map(({ path }) => path))]
  return {
    text: kept.map(({ lines }) => `${lines.join('\n')}\n`).join(''),
    files: unique(kept),
    leftOut: unique(parts.filter(isLeftOut)),
  }
}

const isOwn = (path: string, packages: readonly string[]) => packages.some((name) => path.startsWith(`${name}/`))

function readParts(lines: readonly string[]): Part[] {
  const parts: Part[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at]!
    const refused = refusedLines.find(([pattern]) => pattern.test(line))
    if (refused) throw new PatchFault(`it has ${refused[1]} (line ${at + 1})`)
    if (line.startsWith('--- ') && lines[at + 1]?.startsWith('+++ ')) {
      const part = readPart(lines, at)
      parts.push({ path: part.path, lines: part.lines })
      at = part.end
    } else at += 1
  }
  return parts
}

const nothing = '/dev/null'

function readPart(lines: readonly string[], begin: number): Part & { end: number } {
  const [old, now] = [nameOf(lines[begin]!), nameOf(lines[begin + 1]!)]
  if (old !== nothing && now !== nothing && old !== now)
    throw new PatchFault(`${old} becomes ${now} (line ${begin + 1}): files cannot be renamed`)
  const path = now === nothing ? old : now
  if (path === nothing) throw new PatchFault(`line ${begin + 1} names no file`)
  const out = [`--- ${old === nothing ? nothing : `a/${path}`}`, `+++ ${now === nothing ? nothing : `b/${path}`}`]
  let at = begin + 2
  while (lines[at]?.startsWith('@@ ')) {
    const end = endOfHunk(lines, at)
    out.push(...lines.slice(at, end))
    at = end
  }
  if (at === begin + 2) throw new PatchFault(`${path} has no hunk (line ${begin + 3})`)
  return { path, lines: out, end: at }
}

/** After the first folder, as `patch -p1` takes it. */
function nameOf(header: string): string {
  const [name = ''] = header.slice(4).replace(/\r$/, '').split('\t')
  if (name.trim() === nothing) return nothing
  const [, ...rest] = name.trim().split('/')
  const path = rest.join('/')
  const isPlain = /^[\w.+@/-]+$/.test(path) && path.split('/').every((word) => !['', '.', '..'].includes(word))
  if (!isPlain) throw new PatchFault(`the name ${JSON.stringify(name)} is not a/FOLDER/FILE, as git diff writes it`)
  return path
}

/** The lines that its header counts, and the remark that a file ends without a newline. */
function endOfHunk(lines: readonly string[], begin: number): number {
  const [, old = '1', now = '1'] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(lines[begin]!) ?? []
  if (!/^@@ -\d+(,\d+)? \+\d+(,\d+)? @@/.test(lines[begin]!)) throw new PatchFault(`line ${begin + 1} is no hunk`)
  let [left, right] = [Number(old), Number(now)]
  let at = begin + 1
  while (left > 0 || right > 0) {
    const sign = lines[at]?.[0] ?? ' '
    if (at >= lines.length || ![' ', '-', '+', '\\'].includes(sign))
      throw new PatchFault(`it is cut off at line ${at + 1}`)
    if (sign === ' ' || sign === '-') left -= 1
    if (sign === ' ' || sign === '+') right -= 1
    at += 1
  }
  if (left < 0 || right < 0) throw new PatchFault(`the hunk in line ${begin + 1} has other lines than it says`)
  return lines[at]?.startsWith('\\') ? at + 1 : at
}
