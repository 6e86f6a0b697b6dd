/**
 * Part 4: things that look like the lab's but are not stay when the lab is removed: on this machine, and in a system's
 * libvirtd.
 */

import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { type Copy, copyInstalled } from '../harness/copy.ts'
import { editDeclaration, takeDown } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { tail } from '../harness/output.ts'
import { expectGone, readLabId, readRemains } from '../harness/remains.ts'
import { buildHalf, makeSmall } from './half-built.ts'
import { openSystemHost } from './system-host.ts'

const part = 'destroy'

/** Differs from an id only in its last digit. */
const near = (id: string) => `${id.slice(0, 7)}${id.endsWith('0') ? '1' : '0'}`

interface LookAlike {
  what: string
  isThere(): Promise<boolean>
  remove(): Promise<unknown>
}

const ip = async (...args: string[]) => (await execa('ip', args)).stdout

/** Under its own name, with a file of a lab in its command line. */
async function startProcess(name: string, file: string): Promise<LookAlike> {
  const folder = await mkdtemp(join(tmpdir(), 'look-alike-'))
  const program = join(folder, name)
  await symlink('/usr/bin/tail', program)
  const child = execa(program, ['-F', file], { reject: false, stdio: 'ignore' })
  return {
    what: `process ${name} -F ${file}`,
    isThere: async () => child.exitCode === null && child.signalCode === null,
    async remove() {
      child.kill()
      await child
      await rm(folder, { recursive: true })
    },
  }
}

/** Creates them beside the lab with this id; `kept` already has the earlier ones if a later one fails. */
async function makeLookAlikes(id: string, kept: LookAlike[]): Promise<void> {
  const other = near(id)
  const folder = `/var/lib/duostack/${other}`
  await mkdir(join(folder, 'nodes/controller'), { recursive: true })
  await writeFile(join(folder, 'owner'), '/nowhere-else\n')
  kept.push({
    what: `folder ${folder}`,
    isThere: async () => existsSync(join(folder, 'nodes/controller')),
    remove: () => rm(folder, { recursive: true }),
  })
  const [namespace, link] = [`duostack-${other}`, `${other}-mgmt`]
  await ip('netns', 'add', namespace)
  kept.push({
    what: `namespace ${namespace}`,
    isThere: async () => (await ip('netns', 'list')).includes(namespace),
    remove: () => ip('netns', 'del', namespace),
  })
  await ip('link', 'add', link, 'type', 'bridge')
  kept.push({
    what: `link ${link}`,
    isThere: async () => (await ip('-br', 'link')).includes(link),
    remove: () => ip('link', 'del', link),
  })
  kept.push(await startProcess('dnsmasq', join(folder, 'libvirt/log')))
  // It only displays a file of the lab.
  kept.push(await startProcess('reader', `/var/lib/duostack/${id}/owner`))
}

async function expectThere(lookAlikes: readonly LookAlike[]): Promise<void> {
  const gone: string[] = []
  for (const { what, isThere } of lookAlikes) if (!(await isThere())) gone.push(what)
  expect(gone).toEqual([])
}

/** Names equal or similar to the lab's: a name does not show which lab an object belongs to. */
interface Names {
  node: string
  network: string
  pool: string
}

const exactly: Names = { node: 'duostack-controller', network: 'duostack-management', pool: 'duostack-pool' }
/** With the exact names in its libvirtd, a lab of this name is refused. */
const nearly: Names = { node: 'duostack-controller2', network: 'duostack-management2', pool: 'duostack-pool2' }

/** In the system's libvirtd a domain, an active network and an active pool. Returns what `listHost` shows of them. */
async function defineObjects(host: Copy, { node, network, pool }: Names, id: string): Promise<string[]> {
  const folder = `/var/lib/duostack/${id}x`
  const bridge = `${near(id)}-mgmt`
  const descriptions = [
    `<domain type='lxc'><name>${node}</name><description>duostack lab ${near(id)}</description><memory>65536</memory>
      <os><type>exe</type><init>/bin/sh</init></os></domain>`,
    `<network><name>${network}</name><bridge name='${bridge}'/></network>`,
    `<pool type='dir'><name>${pool}</name><target><path>${folder}</path></target></pool>`,
  ]
  const define = `set -e; mkdir -p ${folder}; cd ${folder}
printf %s "$1" >domain.xml; virsh -q -c lxc:///system define domain.xml
printf %s "$2" >network.xml; virsh -q -c qemu:///system 'net-define network.xml; net-start ${network}'
printf %s "$3" >pool.xml; virsh -q -c qemu:///system 'pool-define pool.xml; pool-start ${pool}'`
  const defined = await host.run('bash', '-c', define, 'bash', ...descriptions)
  expect(defined.exitCode, tail(defined.all)).toBe(0)
  return ['domain.xml', 'network.xml', 'pool.xml', folder, bridge, node, `${network} active`, `${pool} active`]
}

/** Everything in its libvirtd, its network namespace and the folder of all labs, whoever owns it. */
async function listHost(host: Copy): Promise<string[]> {
  const list = `virsh -q -c lxc:///system list --all --name
virsh -q -c qemu:///system list --all --name
for kind in net pool; do virsh -q -c qemu:///system "$kind-list" --all | awk '{ print $1, $2 }'; done
ip -br link | awk '$1 != "lo" { print $1 }'
find /var/lib/duostack -mindepth 1 -maxdepth 1; ls /run/netns /var/lib/duostack/*x`
  const { stdout } = await host.run('bash', '-c', list)
  const lines = String(stdout)
    .split('\n')
    .map((line) => line.trim())
  return lines.filter((line) => line && !line.endsWith(':')).sort()
}

/** Nodes with nothing on them, without a kill: the deploy ends by itself. */
async function deployNodes(host: Copy, isolation: string): Promise<string> {
  await editDeclaration(host, 'group_vars/all.yml', /lab_hypervisor: \w+/, 'lab_hypervisor: lxc')
  await editDeclaration(host, 'group_vars/all.yml', /lab_isolation: \w+/, `lab_isolation: ${isolation}`)
  const deploy = await host.run('npx', 'cdktf', 'deploy', 'nodes', '--auto-approve')
  expect(deploy.exitCode, tail(deploy.all)).toBe(0)
  return (await readLabId(host))!
}

async function removeBeside(isolation: 'netns' | 'none'): Promise<string> {
  const copy = await copyInstalled()
  await makeSmall(copy)
  const system = await openSystemHost()
  const host = system.moveIn(copy)
  try {
    // The package of the system's libvirtd has its own default network.
    const before = await listHost(host)
    const early = isolation === 'netns' ? await defineObjects(host, exactly, '0a1b2c3d') : []
    const id = await deployNodes(host, isolation)
    const lookAlikes = isolation === 'none' ? await defineObjects(host, nearly, id) : early
    expect((await listHost(host)).length).toBeGreaterThan(before.length + lookAlikes.length)
    await takeDown(host)
    expect(await listHost(host)).toEqual([...before, ...lookAlikes].sort())
    return 'domain, network with its bridge, pool and its folder untouched'
  } finally {
    await host.run('./lab', 'down', '--yes')
    await system.close()
    await copy.remove()
  }
}

/** Two labs with the same name, each in its own libvirtd, and objects that only look like theirs. */
async function removeOneOfTwo(): Promise<string> {
  const copies = [await copyInstalled(), await copyInstalled()] as const
  const [one, other] = copies
  const kept: LookAlike[] = []
  try {
    for (const copy of copies) await makeSmall(copy)
    const { id } = await buildHalf(one)
    const { id: otherId } = await buildHalf(other)
    const before = await readRemains(otherId)
    await makeLookAlikes(id, kept)
    await expectThere(kept)
    await expectGone(one, /\/reader -F /)
    await expectThere(kept)
    expect(await readRemains(otherId)).toEqual(before)
    return `untouched: the other lab, ${kept.map(({ what }) => what.split(' ')[0]).join(', ')}`
  } finally {
    for (const { remove } of kept) await remove().catch(() => {})
    for (const copy of copies) {
      await copy.run('./lab', 'down', '--yes')
      await copy.remove()
    }
  }
}

export function lookAlikeTests(): void {
  describe('look-alikes', () => {
    test("on this machine stay, and so does a second checkout's lab with the same name", () =>
      recorded(part, 'look-alikes, and a second checkout with the same lab name', removeOneOfTwo))

    test("with the same names in the system's libvirtd stay when a lab with its own libvirtd is removed", () =>
      recorded(part, "look-alikes in the system's libvirtd, of the lab's own names", () => removeBeside('netns')))

    test("with nearly the same names stay when a lab in the system's libvirtd is removed", async ({ skip }) => {
      const installed = existsSync('/var/lib/dpkg/info/libvirt-daemon-system.md5sums')
      skip(!installed, 'a lab in the libvirtd of the system needs the package libvirt-daemon-system')
      await recorded(part, "look-alikes in the libvirtd of the system, the lab's too", () => removeBeside('none'))
    })
  })
}
