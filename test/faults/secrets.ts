/** Part 7: after a full run no secret stands where it does not belong; what must hold one is for its service alone. */

import { lstat, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import type { Copy } from '../e2e/copy.ts'
import { readPids } from '../e2e/machine.ts'
import type { Sampler } from './argv-sampler.ts'
import { onNode } from './lab.ts'
import { recorded } from './ledger.ts'
import { onNodeUnseen, readSecrets } from './old-secrets.ts'

const part = 'secrets'
const nodes = ['controller', 'compute1']

/** Files of the checkout that have to hold some, mode 0600. */
const holders = ['ansible-vars/secrets.yml', '.lab/clouds.yaml']

/** Files below a folder in which one of the values stands. The values go to grep by a file of our own. */
async function grepFiles(values: readonly string[], ...folders: string[]): Promise<string[]> {
  const own = await mkdtemp(join(tmpdir(), 'duostack-grep-'))
  try {
    const patterns = join(own, 'patterns')
    await writeFile(patterns, `${values.join('\n')}\n`, { mode: 0o600 })
    const args = ['-rlIaF', '--exclude-dir=node_modules', '--exclude-dir=nodes', '-f', patterns, ...folders]
    const { stdout, exitCode } = await execa('grep', args, { reject: false })
    expect([0, 1, 2]).toContain(exitCode)
    return stdout.split('\n').filter(Boolean)
  } finally {
    await rm(own, { recursive: true })
  }
}

async function environmentsWith(values: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const pid of await readPids()) {
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
    if (values.some((value) => environ.includes(value))) found.push(`${pid} ${name.trim()}`)
  }
  return found
}

export function secretTests(copy: () => Copy, sampler: () => Sampler): void {
  const check = (what: string, work: (values: string[]) => Promise<string>) =>
    test(what, () => recorded(part, what, async () => work(Object.values(await readSecrets(copy())))))

  check('arguments of all processes, sampled since the first up', async (values) => {
    const { seen, samples } = sampler()
    expect(samples()).toBeGreaterThan(100)
    expect([...seen].filter((argv) => values.some((value) => argv.includes(value)))).toEqual([])
    return `none in ${seen.size} command lines, ${samples()} samples`
  })

  check('environment of all processes', async (values) => {
    expect(await environmentsWith(values)).toEqual([])
    return 'none'
  })

  check("the checkout: Terraform's states, cdktf.out, logs, reports, sources", async (values) => {
    const { root } = copy()
    await copy().run('./lab', 'report')
    const found = (await grepFiles(values, root)).map((path) => path.slice(root.length + 1))
    expect(found.sort()).toEqual([...holders].sort())
    for (const holder of holders) expect((await stat(join(root, holder))).mode & 0o777).toBe(0o600)
    expect((await stat(join(root, '.lab'))).mode & 0o777).toBe(0o700)
    return `only in ${holders.join(' and ')}, both 0600`
  })

  check('a plan of Terraform, whole and as JSON', async (values) => {
    const plan = await copy().run('./lab', 'plan', '--json')
    expect(plan.exitCode).toBe(0)
    expect(values.filter((value) => String(plan.all).includes(value))).toEqual([])
    return 'none'
  })

  check('the archive for a bug report', async (values) => {
    const folder = await mkdtemp(join(tmpdir(), 'duostack-archive-'))
    try {
      const file = join(folder, 'logs.tar.gz')
      const made = await copy().run('./lab', 'logs', 'export', '--output', file)
      expect(made.exitCode).toBe(0)
      await execa('tar', ['-xzf', file, '-C', folder])
      expect(await grepFiles(values, folder)).toEqual([])
      return 'none'
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  check("this machine's own logs, history and temporary files", async (values) => {
    const id = JSON.parse(await readFile(join(copy().root, '.lab/lab.json'), 'utf8')).id as string
    const places = [`/var/lib/duostack/${id}`, '/var/log', '/run/libvirt', homedir()]
    const there: string[] = []
    for (const place of places) if (await lstat(place).catch(() => undefined)) there.push(place)
    const history = (await readdir(homedir()))
      .filter((name) => /history$/.test(name))
      .map((name) => join(homedir(), name))
    const found = await grepFiles(values, ...there.slice(0, -1), ...history, join(homedir(), '.cache/duostack'))
    expect(found.filter((path) => !path.startsWith(copy().root))).toEqual([])
    return 'none'
  })

  for (const node of nodes) {
    check(`${node}: logs, journal, history`, async (values) => {
      const script = `cat >/run/wanted <<'END'\n${values.join('\n')}\nEND
chmod 600 /run/wanted
grep -rlIaF -f /run/wanted /var/log /root/.*history /home /tmp /var/tmp 2>/dev/null
journalctl --no-pager 2>/dev/null | grep -aF -f /run/wanted | cut -c1-60
rm /run/wanted`
      expect((await onNodeUnseen(copy(), node, script)).stdout).toBe('')
      return 'none'
    })

    check(`${node}: files that hold one are closed to others`, async (values) => {
      const script = `cat >/run/wanted <<'END'\n${values.join('\n')}\nEND
chmod 600 /run/wanted
grep -rlIaF -f /run/wanted /etc /var/lib/nova /var/lib/neutron /var/lib/glance /var/lib/cinder /var/lib/keystone /var/lib/rabbitmq /run --exclude=wanted --exclude-dir=images --exclude-dir=instances 2>/dev/null | xargs -r -d '\\n' stat -c '%A %U:%G %n'
rm /run/wanted`
      const lines = (await onNodeUnseen(copy(), node, script)).stdout.split('\n').filter(Boolean)
      expect(lines.length).toBeGreaterThan(1)
      expect(lines.filter((line) => !/^-......--- /.test(line))).toEqual([])
      return `${lines.length} files, none readable by others`
    })
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

/** The services' hardening guides: keys for the service alone, configuration readable by its group. */
const modes: readonly (readonly [node: string, path: string, mode: string, owner: string])[] = [
  ['controller', '/etc/keystone/fernet-keys', '700', 'keystone:keystone'],
  ['controller', '/etc/keystone/credential-keys', '700', 'keystone:keystone'],
  ['controller', '/etc/keystone/fernet-keys/*', '600', 'keystone:keystone'],
  ['controller', '/etc/keystone/credential-keys/*', '600', 'keystone:keystone'],
  ['controller', '/etc/keystone/keystone.conf', '640', 'root:keystone'],
  ['controller', '/etc/glance/glance-api.conf', '640', 'root:glance'],
  ['controller', '/etc/placement/placement.conf', '640', 'root:placement'],
  ['controller', '/etc/nova/nova.conf', '640', 'root:nova'],
  ['controller', '/etc/neutron/neutron.conf', '640', 'root:neutron'],
  ['controller', '/etc/cinder/cinder.conf', '640', 'root:cinder'],
  ['controller', '/etc/openstack-dashboard/local_settings.d/_0100_duostack.py', '640', 'root:www-data'],
  ['controller', '/etc/rabbitmq/rabbitmq.conf', '640', 'root:rabbitmq'],
  ['controller', '/var/lib/rabbitmq/.erlang.cookie', '400', 'rabbitmq:rabbitmq'],
  ['controller', '/var/lib/mysql', '755', 'mysql:mysql'],
  ['controller', '/var/lib/mysql/keystone', '700', 'mysql:mysql'],
  ['compute1', '/etc/nova/nova.conf', '640', 'root:nova'],
  ['compute1', '/etc/neutron/neutron.conf', '640', 'root:neutron'],
  ['compute1', '/etc/ssh/ssh_host_ed25519_key', '600', 'root:root'],
]
