/** Searches this machine and the nodes for secrets, without putting one into an argument. */

import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect } from 'vitest'
import { parse } from 'yaml'
import type { Copy } from '../harness/copy.ts'
import { readPids } from '../harness/machine.ts'

/** Name -> value. */
export type Secrets = Record<string, string>

export const readSecrets = async (copy: Copy): Promise<Secrets> =>
  parse(await readFile(join(copy.root, 'ansible-vars/secrets.yml'), 'utf8'))

/**
 * Files at or below the existing ones of these places that contain one of the values. `apart`: folders to skip, as full
 * paths, in which `*` may occur. Fails if something could not be read.
 */
export async function findFiles(values: readonly string[], places: string[], apart: string[] = []): Promise<string[]> {
  const own = await mkdtemp(join(tmpdir(), 'duostack-search-'))
  try {
    const patterns = join(own, 'patterns')
    await writeFile(patterns, `${values.join('\n')}\n`, { mode: 0o600 })
    const there = await Promise.all(
      places.map((place) =>
        access(place).then(
          () => [place],
          () => [],
        ),
      ),
    )
    const left = [...apart, '*/node_modules'].flatMap((path) => ['-path', path, '-o']).slice(0, -1)
    const find = [...there.flat(), own, '(', ...left, ')', '-prune', '-o', '-type', 'f', '-print0']
    const env = { patterns, LC_ALL: 'C' }
    const script = 'find "$@" | xargs -0 grep -laF -f "$patterns" --'
    const { stdout, stderr } = await execa('bash', ['-c', script, 'bash', ...find], { env, reject: false })
    expect(stderr).not.toContain('Permission denied')
    const found = stdout.split('\n').filter(Boolean)
    // Otherwise nothing was searched.
    expect(found).toContain(patterns)
    return found.filter((path) => path !== patterns)
  } finally {
    await rm(own, { recursive: true })
  }
}

/** Processes of this machine, including those in containers, with one of the values in their environment. */
export async function findEnvironments(values: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const pid of await readPids()) {
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
    if (values.some((value) => environ.includes(value))) found.push(`${pid} ${name.trim()}`)
  }
  return found
}

/** bash on a node over stdin, so that no argument contains the secrets. Fails if the node could not be reached. */
export async function onNodeUnseen(copy: Copy, node: string, script: string): Promise<string> {
  const { stdout, stderr, exitCode } = await copy.feed(script, './lab', 'ssh', node, 'bash -s')
  expect(exitCode, `${node}: ${stderr}`).toBe(0)
  expect(stderr, node).not.toMatch(/^grep: /m)
  return String(stdout)
}

/** The lines that `script` prints on a node; while it runs, the file "$wanted" contains the values. */
export async function searchNode(
  copy: Copy,
  node: string,
  values: readonly string[],
  script: string,
): Promise<string[]> {
  const begin = `umask 077; wanted=/run/duostack-wanted; trap 'rm -f "$wanted"' EXIT
cat >"$wanted" <<'END'\n${values.join('\n')}\nEND`
  const printed = await onNodeUnseen(copy, node, `${begin}\n${script}\necho searched; exit 0`)
  const lines = printed.split('\n').filter(Boolean)
  expect(lines.pop()).toBe('searched')
  return lines
}

/**
 * Paths of files at or below some places of a node that contain one of the values, one per line, for searchNode's
 * script. Missing places are skipped, and so are instances' disks: they belong to users, and grep fails on lines of
 * that length.
 */
export const grepThere = (places: string) =>
  `grep -rslaF -f "$wanted" --exclude="\${wanted##*/}" --exclude-dir={images,instances,mnt} ${places}`

/** Where the services of a node keep what they read. */
export const servicePlaces =
  '/etc /var/lib/nova /var/lib/neutron /var/lib/glance /var/lib/cinder /var/lib/keystone /var/lib/rabbitmq /run'

/** Command lines of processes of a node with one of the values in their environment or arguments; for searchNode's script. */
export const grepProcesses = `for process in /proc/[0-9]*; do
  grep -qaF -f "$wanted" "$process/environ" "$process/cmdline" 2>/dev/null && { tr '\\0' ' ' <"$process/cmdline"; echo; }
done`
