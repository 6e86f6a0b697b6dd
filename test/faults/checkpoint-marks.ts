/** What tells a living lab from its save: a mark in each thing that a restore exchanges. */

import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { runOnHost } from '../../scripts/run/process.ts'
import type { Copy } from '../harness/copy.ts'
import { onNode, sql } from '../harness/lab.ts'
import { readPids } from '../harness/machine.ts'
import { tail } from '../harness/output.ts'
import { readLabId } from '../harness/remains.ts'

/** A script of root's on this machine. */
export const asRoot = async (script: string): Promise<string> => {
  const input = `set -eu\n${script}\n`
  return (await runOnHost('bash', ['-s'], { step: 'as root', root: true, input })).stdout
}

export const savesOf = (id: string) => `/var/lib/duostack/saves/${id}`

export type Mark = 'saved' | 'living'

const sharedMark = async (copy: Copy) => `/var/lib/duostack/${await readLabId(copy)}/volumes/shared/mark`
const declared = (copy: Copy) => join(copy.root, 'ansible-vars/group_vars/all.yml')
const comment = '# living\n'

/** In the database, the disks of both nodes, the shared volumes and, of the living lab, the declaration. */
export async function setMarks(copy: Copy, mark: Mark): Promise<void> {
  const table = 'CREATE DATABASE IF NOT EXISTS marks; CREATE OR REPLACE TABLE marks.mark (text VARCHAR(9))'
  const insert = `INSERT INTO marks.mark VALUES ('${mark}')`
  await onNode(copy, 'controller', `echo ${mark} >/root/mark; ${sql('', `${table}; ${insert}`)}`)
  await onNode(copy, 'compute1', `echo ${mark} >/root/mark`)
  await asRoot(`echo ${mark} >${await sharedMark(copy)}`)
  const text = (await readFile(declared(copy), 'utf8')).replace(comment, '')
  await writeFile(declared(copy), mark === 'living' ? `${text}${comment}` : text)
}

/** Which lab this is. Fails for a mixture of both. */
export async function readMark(copy: Copy): Promise<Mark> {
  const seen = [
    ...(await onNode(copy, 'controller', `cat /root/mark; ${sql('marks', 'SELECT text FROM mark')}`)).split('\n'),
    await onNode(copy, 'compute1', 'cat /root/mark'),
    (await asRoot(`cat ${await sharedMark(copy)}`)).trim(),
    (await readFile(declared(copy), 'utf8')).includes(comment) ? 'living' : 'saved',
  ]
  expect(
    seen.every((one) => one === seen[0]),
    `a mixture of two labs: ${seen.join()}`,
  ).toBe(true)
  return seen[0] as Mark
}

/** Since when the nodes run: as long as it is the same, nothing has switched them off. */
export const bootTimes = async (copy: Copy) =>
  (await Promise.all(['controller', 'compute1'].map((node) => onNode(copy, node, 'ps -o lstart= -p 1')))).join()

/** Names that `./lab saves` lists. */
export async function listSaves(copy: Copy): Promise<string[]> {
  const { exitCode, stdout, all } = await copy.run('./lab', 'saves', '--json')
  expect(exitCode, tail(all)).toBe(0)
  return (JSON.parse(String(stdout)) as { saves: { name: string }[] }).saves.map(({ name }) => name)
}

/** All that a listed save needs is there, and can be read. */
export const expectSaveWhole = (id: string, name: string) =>
  asRoot(`cd ${savesOf(id)}/saves/${name}
tar -tf checkout.tar >/dev/null
[ -d volumes/shared ] && [ "$(ls nodes | wc -l)" = 2 ]
for layer in $(cat nodes/*); do [ -d ../../layers/$layer ]; done`)

/** What a killed command leaves for the next one to take back. */
export async function readHalf(copy: Copy, id: string): Promise<string[]> {
  const places = ['restore.json', 'restoring', 'before-restore', 'importing'].map((name) => join('.lab', name))
  const found = await asRoot(`shopt -s nullglob; cd ${savesOf(id)}/saves 2>/dev/null || exit 0; echo .*.partial`)
  return [...places.filter((place) => existsSync(join(copy.root, place))), ...found.split(/\s+/).filter(Boolean)]
}

/** Nothing that the killed command had started still works on a save. */
export async function expectNoStragglers(id: string): Promise<void> {
  const read = async () => {
    const lines = await Promise.all(
      (await readPids()).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    )
    return lines.filter(
      (line) => /^(tar|zstd|cp|rm|mv|du)\0/.test(line) && (line.includes(id) || line.includes('duostack-carried')),
    )
  }
  await expect.poll(read, { timeout: 20_000, interval: 500 }).toEqual([])
}
