/** Takes a save out of a file that somebody else may have made. Nothing of it is believed before it is looked at. */

import { existsSync, mkdirSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CommandError, LabError, UsageError } from '../declaration/errors.ts'
import { measureTimeScale } from '../host/speed.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { savesPaths } from '../run/paths.ts'
import { rootPrefixInShell, runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { readTerraformFacts } from '../terraform/facts.ts'
import { asRoot } from './as-root.ts'
import { expectZstd, keptAttributes } from './export.ts'
import { type Foreign, type Here, takeOver } from './foreign.ts'
import { packHostFiles } from './host-files.ts'
import { beginImport, endImport, finishImport } from './import-begun.ts'
import { checkSaveName, parseSave, readAllSaves, type Save } from './saves.ts'

export interface ImportOptions {
  progress: Progress
  /** Where labs are on this machine. */
  base?: string
  /** What this machine decides for the lab; found out where absent. */
  here?: Here
}

const refuse = (given: string, allowed: string, remedy?: string) =>
  new LabError([{ where: './lab import', given, allowed, ...(remedy ? { remedy } : {}) }])

/** Left free on the disk, whatever the file unpacks to. */
const reserve = 2 * 2 ** 30

const unzip = (file: string) => `zstd -q -dc --memory=256MiB -- ${shellQuote(file)}`

/** What the file says it is, from its first entry. */
async function readHead(file: string): Promise<Save> {
  const { stdout } = await runOnHost('bash', ['-s'], {
    step: `read ${file}`,
    input: `${unzip(file)} 2>/dev/null | head -c 1000000 | tar -xOf - --occurrence=1 save.json 2>/dev/null | head -c 100000\n`,
    allow: [0, 1, 2],
    timeoutSeconds: timeouts.machine.command.seconds,
  })
  const save = parseSave(stdout)
  if (save) return save
  throw refuse(`${file}, which is no save, or one of another version`, 'a file that ./lab export of this version made')
}

function checkHead({ id, name, hypervisor, nodes }: Save, base: string): void {
  checkSaveName(name)
  if (!/^(?!0{8})[0-9a-f]{8}$/.test(id)) throw refuse('an impossible lab id', 'eight hex digits')
  if (!kindOf({ hypervisor }).checkpoint.carries) {
    throw refuse(`a save of virtual machines (${hypervisor})`, 'a save of containers (lxc)')
  }
  if (nodes.length > 50) throw refuse(`${nodes.length} nodes`, 'up to 50 nodes')
  const there = [join(base, id), join(base, 'saves', id)].find((path) => existsSync(path))
  if (!there) return
  const allowed = 'a lab that is not on this machine'
  throw refuse(
    `a save of lab ${id}, which this machine has already (${there})`,
    allowed,
    './lab saves, ./lab restore NAME',
  )
}

/** Gives the save, which `restore` then takes like any other. The caller holds the checkout's lock. */
export async function importSave(root: string, given: string, options: ImportOptions): Promise<Save> {
  const { progress, base = '/var/lib/duostack', here } = options
  const file = resolve(given)
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError([{ where: './lab import', given: `${file}, which is no file`, allowed: 'a file' }])
  }
  await expectZstd('./lab import')
  const head = await progress.step('look into the file', () => readHead(file))
  await finishImport(root, progress.line, base)
  checkHead(head, base)
  const paths = savesPaths({ id: head.id, paths: { data: join(base, head.id) } })
  const partial = paths.of(`.${head.name}.partial`)
  const work = beginImport(root, head)
  try {
    await progress.step('unpack it', () => unpack(file, base, partial))
    return await progress.step('check it', async () => {
      const foreign = await judge(head, { partial, work, here: here ?? (await lookHere(root, head)) })
      return settle(root, head, foreign, { partial, paths, clean: join(work, 'clean') })
    })
  } finally {
    await endImport(root, base)
  }
}

/** Below a folder that only root can enter; as much as the disk has room for. tar takes no path out of it. */
async function unpack(file: string, base: string, partial: string): Promise<void> {
  await asRoot(
    'folder of the import',
    `install -d -m 0755 ${shellQuote(base)} ${shellQuote(join(partial, '../..'))} ${shellQuote(join(partial, '..'))}
install -d -m 0700 ${shellQuote(partial)}`,
  )
  const { bavail, bsize } = await statfs(base)
  const room = Math.max(0, bavail * bsize - reserve)
  const tar = `tar --xattrs ${keptAttributes} --numeric-owner -xpf - -C ${shellQuote(partial)}`
  try {
    await runOnHost('bash', ['-s'], {
      step: `unpack ${file}`,
      input: `set -euo pipefail\nsetpriv --pdeathsig TERM ${unzip(file)} | head -c ${room} | ${rootPrefixInShell()}${tar}\n`,
      timeoutSeconds: timeouts.machine.carried.seconds,
    })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const said = error.failure.output.trim().split('\n').slice(-3).join('; ')
    throw refuse(
      `${file} cannot be unpacked: ${said}`,
      `an undamaged file that unpacks to less than ${Math.floor(room / 2 ** 20)} MiB, and no paths that lead out of it`,
    )
  }
}

/** Root's part of it: nothing but what a save has, and nothing that is more than a file. */
const judgeTrees = (partial: string, nodes: readonly string[]) => `cd ${shellQuote(partial)}
fail() { echo "refused: $1" >&2; exit 1; }
shopt -s dotglob nullglob
for entry in *; do
  [ ! -L "$entry" ] || fail "$entry is a link"
  case $entry in
    save.json|checkout.tar) [ -f "$entry" ] || fail "$entry is not a file" ;;
    nodes|volumes|root) [ -d "$entry" ] || fail "$entry is not a folder" ;;
    *) [[ $entry =~ ^(base-)?[0-9a-f]{8}$ ]] && [ -d "$entry" ] || fail 'an entry that no save has' ;;
  esac
done
odd=$(find . \\( -type b -o -type c \\) -exec stat -c '%t:%T' {} + | grep -cvx 0:0 || :)
[ "$odd" = 0 ] || fail 'a device'
[ "$(find nodes -mindepth 1 | wc -l)" = ${nodes.length} ] || fail 'other nodes than those of its configuration'
for folder in volumes volumes/shared; do [ -d "$folder" ] && [ ! -L "$folder" ] || fail 'no folder of volumes'; done
[ "$(find volumes -mindepth 1 -maxdepth 1 | wc -l)" = 1 ] || fail 'more than the folder of volumes'
for node in ${nodes.map(shellQuote).join(' ')}; do
  list=nodes/$node
  [ -f "$list" ] && [ ! -L "$list" ] && [ "$(stat -c %s "$list")" -lt 1000 ] || fail 'a node without its list of layers'
  while read -r layer; do
    [[ $layer =~ ^(base-)?[0-9a-f]{8}$ ]] && [ -d "$layer" ] || fail 'a layer that is not there'
  done <"$list"
done`

async function lookHere(root: string, { hypervisor }: Save): Promise<Here> {
  const [{ program }, capabilities, timeScale] = await Promise.all([
    readTerraformFacts(root),
    kindOf({ hypervisor }).capabilities(),
    measureTimeScale(hypervisor),
  ])
  // Where there is none, prepare installs OpenTofu.
  return { terraform: program ?? { name: 'tofu', path: 'tofu' }, capabilities, timeScale }
}

async function judge(head: Save, at: { partial: string; work: string; here: Here }): Promise<Foreign> {
  const { partial, work, here } = at
  const [raw, clean] = [join(work, 'raw'), join(work, 'clean')]
  for (const folder of [raw, clean]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  await runOnHost('bash', ['-s'], {
    step: 'unpack what is for the checkout',
    input: `set -euo pipefail
${rootPrefixInShell()}cat ${shellQuote(join(partial, 'checkout.tar'))} | head -c 50000000 |
  tar -xf - --no-same-owner --no-same-permissions -C ${shellQuote(raw)}
`,
    timeoutSeconds: timeouts.machine.command.seconds,
  })
  const foreign = takeOver(raw, clean, here)
  const { id, hypervisor, isolation, imageDigest } = foreign.identity
  if (
    id !== head.id ||
    hypervisor !== head.hypervisor ||
    isolation !== head.isolation ||
    imageDigest !== head.imageDigest
  ) {
    throw refuse('two different labs', 'one lab in all parts of the file')
  }
  await asRoot(
    'check the disks of the import',
    judgeTrees(
      partial,
      foreign.lab.nodes.map(({ name }) => name),
    ),
  )
  return foreign
}

interface Place {
  partial: string
  paths: ReturnType<typeof savesPaths>
  clean: string
}

/** Makes it a save like the others, but with its own image: a stranger's is never given to other labs. */
async function settle(
  root: string,
  head: Save,
  { identity, lab }: Foreign,
  { partial, paths, clean }: Place,
): Promise<Save> {
  await packHostFiles(clean, partial)
  const save: Save = {
    ...head,
    lab: identity.name,
    root,
    nodes: lab.nodes.map(({ name }) => name),
    ownImage: true,
  }
  await asRoot(
    'end the import',
    `cd ${shellQuote(partial)}
install -d -m 0700 ${shellQuote(paths.layers)}
if [ -d root ]; then
  base=base-$(od -An -N4 -tx1 /dev/urandom | tr -d ' \\n')
  mv -T root "$base"
  for list in nodes/*; do grep -q '^base-' "$list" || echo "$base" >>"$list"; done
fi
for layer in $(cat nodes/* | sort -u); do if [ -d "$layer" ]; then mv -T "$layer" ${shellQuote(paths.layers)}/"$layer"; fi; done
find . -mindepth 1 -maxdepth 1 -type d ! -name nodes ! -name volumes -exec rm -rf {} +
chown root:root . nodes nodes/* checkout.tar; chmod 0600 checkout.tar; chmod 0700 volumes; chmod 0755 nodes
rm -f save.json
printf '%s\\n' ${shellQuote(JSON.stringify(save))} >save.json
chmod 0644 save.json
chmod 0755 .
mv -T ${shellQuote(partial)} ${shellQuote(paths.of(save.name))}`,
  )
  return readAllSaves(join(paths.base, '..')).find(({ id, name }) => id === save.id && name === save.name)!
}
