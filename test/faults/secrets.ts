/**
 * Part 7: after a full run no secret is where it does not belong; files that need one can be read only by their
 * service.
 */

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { type Copy, userSettings } from '../harness/copy.ts'
import { expectRun, nodes, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { tail } from '../harness/output.ts'
import { readLabId } from '../harness/remains.ts'
import type { Sampler } from './argv-sampler.ts'
import { modes } from './modes.ts'
import {
  findEnvironments,
  findFiles,
  grepProcesses,
  grepThere,
  readSecrets,
  searchNode,
  servicePlaces,
} from './search.ts'

const part = 'secrets'

/** Files of the checkout that have to contain secrets, mode 0600. */
const holders = ['.lab/admin-openrc', '.lab/clouds.yaml', '.lab/demo-openrc', 'ansible-vars/secrets.yml']

/** For the user who runs the lab, below home: what the shells, and the programs that the lab starts, store there. */
const kept = ['.cache/duostack', '.novaclient', '.npm/_logs', '.terraform.d', '.cdktf', '.ansible']

async function dataOf(copy: Copy): Promise<string> {
  const id = await readLabId(copy)
  expect(id).toBeDefined()
  return `/var/lib/duostack/${id}`
}

/** For setpriv: a user without any rights. */
const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups']

/** What git would add if everything were added, by the checkout's own rules; a copy of it is no repository. */
async function listForGit(root: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'duostack-git-'))
  try {
    const git = (...args: string[]) =>
      execa('git', [`--git-dir=${folder}`, `--work-tree=${root}`, ...args], { cwd: root })
    await git('init', '-q')
    return (await git('ls-files', '-o', '--exclude-standard', '-z')).stdout.split('\0').filter(Boolean)
  } finally {
    await rm(folder, { recursive: true })
  }
}

export function secretTests(copy: () => Copy, sampler: () => Sampler): void {
  const check = (what: string, work: (values: string[]) => Promise<string>) =>
    test(what, () => recorded(part, what, async () => work(Object.values(await readSecrets(copy())))))

  check('arguments of all processes, sampled while the lab was built', async (values) => {
    const { seen, samples } = sampler()
    const built = [...seen].some((argv) => /provision\.ts\0keystone/.test(argv))
    expect(built, 'a lab was built while samples were taken: ./lab test faults rebuild secrets').toBe(true)
    expect([...seen].filter((argv) => values.some((value) => argv.includes(value)))).toEqual([])
    return `none in ${seen.size} command lines, ${samples()} samples`
  })

  check('environment of all processes', async (values) => {
    expect(await findEnvironments(values)).toEqual([])
    return 'none'
  })

  check("the checkout: Terraform's states, cdktf.out, logs, reports, sources", async (values) => {
    const { root } = copy()
    await copy().run('./lab', 'report')
    const found = (await findFiles(values, [root])).map((path) => relative(root, path))
    expect(found.sort()).toEqual(holders)
    for (const holder of holders) expect((await stat(join(root, holder))).mode & 0o777).toBe(0o600)
    expect((await stat(join(root, '.lab'))).mode & 0o777).toBe(0o700)
    const forGit = await listForGit(root)
    expect(forGit).toContain('ansible-vars/hosts.yml')
    expect(forGit.filter((file) => holders.includes(file))).toEqual([])
    return `only in ${holders.join(', ')}: all 0600, none for git`
  })

  check("Terraform's plans, whole and as JSON, and what ./lab plan makes of them", async (values) => {
    const script = `set -e
file=$(mktemp); trap 'rm -f "$file"' EXIT
terraform=$(node -p "JSON.parse(require('fs').readFileSync('.lab/lab.json')).terraform.path")
for stack in cdktf.out/stacks/*; do
  "$terraform" -chdir="$stack" plan -input=false -lock=false -no-color -out="$file"
  "$terraform" -chdir="$stack" show -json "$file"
done`
    const terraform = await execa('./lab', ['exec', '--', 'bash', '-c', script], userSettings(copy().root))
    const plan = await copy().run('./lab', 'plan', '--json')
    for (const { exitCode, all } of [terraform, plan]) {
      expect(exitCode, tail(all)).toBe(0)
      expect(values.filter((value) => String(all).includes(value))).toEqual([])
    }
    expect(String(terraform.stdout).match(/"planned_values"/g)).toHaveLength(3)
    return 'none'
  })

  check('the archive for a bug report', async (values) => {
    const folder = await mkdtemp(join(tmpdir(), 'duostack-archive-'))
    try {
      const file = join(folder, 'logs.tar.gz')
      await expectRun(copy(), 'logs', 'export', '--output', file)
      await execa('tar', ['-xzf', file, '-C', folder])
      expect(await findFiles(values, [folder])).toEqual([])
      return 'none'
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  check("this machine's logs, histories, temporary files, and the lab's folders", async (values) => {
    const data = await dataOf(copy())
    const histories = (await readdir(homedir())).filter((name) => /history$/.test(name))
    const own = [...kept, ...histories].map((name) => join(homedir(), name))
    const places = [data, '/etc', '/var/log', '/run', '/tmp', '/var/tmp', '/dev/shm', ...own]
    // Excluded: the nodes' own file systems, which are searched on the nodes, and the volumes of the cloud's users.
    const inside = ['upper', 'root', 'work'].map((folder) => `${data}/nodes/*/${folder}`)
    const apart = [...inside, `${data}/volumes/shared`, '/run/netns', copy().root]
    expect(await findFiles(values, places, apart)).toEqual([])
    return `none in ${places.length} places`
  })

  check("other users of this machine cannot reach the nodes' file systems and volumes", async () => {
    const data = await dataOf(copy())
    // Nobody can list a folder that may only be passed through, so the folders are named.
    const folders = (await execa('find', [data, '-mindepth', '1', '-maxdepth', '3', '-type', 'd'])).stdout.split('\n')
    expect(folders.length).toBeGreaterThan(3)
    const find = [...asNobody, 'find', ...folders, '-type', 'f', '-perm', '/o=rw']
    const { stdout } = await execa('setpriv', find, { reject: false })
    expect(stdout.split('\n').filter(Boolean)).toEqual([])
    return 'they see no file'
  })

  for (const node of nodes) {
    check(`${node}: logs, journal, histories, temporary files, arguments and environments`, async (values) => {
      const script = `${grepThere('/var/log /root/.*history /home /tmp /var/tmp /dev/shm')}
journalctl --no-pager 2>/dev/null | grep -aF -f "$wanted" | cut -c1-60
${grepProcesses}`
      expect(await searchNode(copy(), node, values, script)).toEqual([])
      return 'none'
    })

    check(`${node}: files that contain one cannot be read by others`, async (values) => {
      const script = `${grepThere(servicePlaces)} | xargs -r -d '\\n' stat -c '%A %U:%G %n'`
      const lines = await searchNode(copy(), node, values, script)
      expect(lines.length).toBeGreaterThan(1)
      expect(lines.filter((line) => !/^-......--- /.test(line))).toEqual([])
      return `${lines.length} files, none readable by others`
    })

    check(
      `${node}: no file that is newer than the image's Debian and readable by others contains one`,
      async (values) => {
        const script = `find / -xdev -type f -newer /etc/debian_version -perm -o=r -print0 | xargs -0 grep -laF -f "$wanted" -- |
while read -r file; do setpriv ${asNobody.join(' ')} test -r "$file" && echo "$file"; done`
        expect(await searchNode(copy(), node, values, script)).toEqual([])
        return 'none'
      },
    )
  }

  test("keys and configuration have the owner and the mode of each service's own guide", () =>
    recorded(part, 'owner and mode of keys and configuration', async () => {
      let count = 0
      for (const [node, path, mode, owner] of modes) {
        const lines = await onNode(copy(), node, `stat -c '%a %U:%G' ${path}`)
        for (const line of lines.split('\n')) expect(`${node} ${path} ${line}`).toBe(`${node} ${path} ${mode} ${owner}`)
        count += lines.split('\n').length
      }
      return `${count} as in the table`
    }))
}
