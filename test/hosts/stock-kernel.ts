/** Labs under Debian's own kernel, emulated: how far they get in the available time, and how suspend affects them. */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { wavesOfHosts } from '../harness/breaks/waves.ts'
import { tail } from '../harness/output.ts'
import { stopwatch } from '../harness/timing.ts'
import { asRoot, declareIsolation, type Host, inClone, timed, up, verified } from './host.ts'
import type { VirtualMachine } from './vm-machine.ts'

/** The services that Terraform has created, read from its state by a separate program. */
const readMade = `node -e '
  const { resources } = JSON.parse(require("fs").readFileSync(".lab/terraform/services.tfstate", "utf8"))
  const made = resources.filter(({ type, instances }) => type === "terraform_data" && instances?.length && instances.every(({ status }) => !status))
  console.log(made.map(({ name }) => name).join(" "))
' 2>/dev/null || true`

/** Interrupted with Ctrl-C when its time is over. */
const upWithin = (host: Host, minutes: number) => `timeout -s INT -k 300 ${minutes * 60} ${up(host)}`

const minutesFor = (minutes: number) => ({ timeoutSeconds: (minutes + 10) * 60 })

/** The machine has the properties it was created for. */
async function readMachine(host: Host): Promise<string> {
  const seen = await asRoot(
    host,
    'uname -r; stat -f -c %T /sys/fs/cgroup; cat /sys/module/apparmor/parameters/enabled; systemctl is-active libvirtd.socket',
  )
  expect(seen).toMatch(/\ncgroup2fs\nY\n/)
  return `kernel ${seen.split('\n')[0]}`
}

/** The optional services say nothing more about the host. */
const leaveOut = (host: Host) =>
  inClone(host, `sed -i -E 's/^(  (cinder|horizon|demo)): true$/\\1: false/' ansible-vars/group_vars/all.yml`)

/** What a lab must not change on such a machine while it exists. */
async function readTraces(host: Host): Promise<string> {
  // The lab loaded br_netfilter: bridges that are not the lab's must not be filtered.
  const filtered = await asRoot(host, 'sort -u /proc/sys/net/bridge/bridge-nf-call-*tables')
  expect(filtered.trim()).toBe('0')
  if (host.row.isolation !== 'netns') return ''
  expect((await asRoot(host, 'machinectl list --no-legend')).trim()).toBe('')
  return '; machined knows no node'
}

/** `status` shows for each node less memory used than its limit, and more than zero. */
async function readMemory(host: Host): Promise<string> {
  const { stdout, all } = await inClone(host, './lab status --json', { quiet: true, timeoutSeconds: 600 })
  const { nodes } = JSON.parse(stdout) as { nodes: { name: string; memoryMiB: number; usedMiB?: number }[] }
  for (const { memoryMiB, usedMiB } of nodes) {
    expect(usedMiB, tail(all)).toBeGreaterThan(100)
    expect(usedMiB, tail(all)).toBeLessThan(memoryMiB)
  }
  return nodes.map(({ name, usedMiB, memoryMiB }) => `${name} ${usedMiB} of ${memoryMiB} MiB`).join(', ')
}

/** The module that security groups need is removed: only a machine whose kernel has it as a module can lose it. */
async function loseBridgeModule(host: Host): Promise<string> {
  const ask = async (options = '') => {
    const { stdout } = await inClone(host, `./lab doctor --json ${options}`, minutesFor(20))
    return JSON.parse(stdout) as { problems: { rule: string; about: string }[]; fixed: string[] }
  }
  for (const { rule, about } of wavesOfHosts.flat()) {
    const run = (verb: string) => asRoot(host, `bash ~/duostack/test/harness/breaks/run.sh ~/duostack ${rule} ${verb}`)
    await run('break')
    expect((await ask()).problems.map(({ rule, about }) => `${rule} ${about}`)).toContain(`${rule} ${about}`)
    expect((await ask('--fix')).fixed.length).toBeGreaterThan(0)
    await run('undo')
    expect((await ask()).problems.map(({ rule }) => rule)).not.toContain(rule)
  }
  return 'the doctor found the module missing and loaded it'
}

/** Runs up for this many minutes; then the named services must exist. Further ones are reported. */
export const reach =
  (minutes: number, ...services: string[]) =>
  async (host: Host): Promise<string> => {
    const machine = await readMachine(host)
    await declareIsolation(host)
    await leaveOut(host)
    const took = stopwatch()
    const result = await inClone(host, upWithin(host, minutes), minutesFor(minutes))
    const time = took.shown()
    const made = (await inClone(host, readMade, { quiet: true })).stdout.trim().split(' ')
    const missing = services.filter((name) => !made.includes(name))
    expect(missing, `after ${time}, made: ${made.join(', ')}\n${tail(result.all)}`).toEqual([])
    const traces = `${await readMemory(host)}${await readTraces(host)}`
    await timed(host, 'down', './lab down --yes', minutesFor(30))
    return `${machine}; ${result.exitCode === 0 ? 'up' : 'not finished'} in ${time}, made: ${made.join(', ')}; ${traces}; down`
  }

export async function liveWhole(host: Host): Promise<string> {
  const machine = await readMachine(host)
  await declareIsolation(host)
  const made = await timed(host, 'up', upWithin(host, 150), minutesFor(150))
  const lines = `${await verified(host)}, ${await readMemory(host)}`
  return `${machine}; ${made}, ${lines}; ${await timed(host, 'down', './lab down --yes', minutesFor(30))}`
}

/** Suspended for ten minutes, like a laptop with a closed lid; then its clock is set forward by 61 minutes. */
export async function sleepLikeLaptop(host: Host): Promise<string> {
  const kernel = await readMachine(host)
  await declareIsolation(host)
  await leaveOut(host)
  // The first up verifies all that there is.
  const made = `${await timed(host, 'up', upWithin(host, 150), minutesFor(150))}${await readTraces(host)}`
  const machine = host.machine as VirtualMachine
  await machine.pause()
  await sleep(600_000)
  await machine.resume()
  await asRoot(host, 'date -s "+61 minutes"')
  const alone = await inClone(host, './lab verify', minutesFor(30))
  const woken =
    alone.exitCode === 0
      ? 'after the sleep all is well without a hand'
      : `after the sleep ${await timed(host, 'one up', upWithin(host, 60), minutesFor(60))}, ${await verified(host)}`
  const module = await loseBridgeModule(host)
  return [kernel, made, woken, module, await timed(host, 'down', './lab down --yes', minutesFor(30))].join('; ')
}

/** A machine with hardware virtualization: `auto` chooses kvm, and a node is a KVM domain. */
export async function liveInKvm(host: Host): Promise<string> {
  const machine = await readMachine(host)
  await asRoot(host, 'test -c /dev/kvm && grep -qw svm /proc/cpuinfo')
  await declareIsolation(host)
  await inClone(
    host,
    `cd ansible-vars/group_vars
sed -i -e 's/^vcpus: .*/vcpus: 1/' -e 's/^disk_gib: .*/disk_gib: 10/' controller.yml compute.yml
sed -i 's/^memory_mib: .*/memory_mib: 3584/' controller.yml
sed -i 's/^memory_mib: .*/memory_mib: 1536/' compute.yml`,
  )
  const doctor = await inClone(host, './lab doctor --host', minutesFor(20))
  const took = stopwatch()
  const result = await inClone(host, upWithin(host, 150), minutesFor(150))
  const time = took.shown()
  const domains = await asRoot(
    host,
    "virsh -q -c qemu:///system list | awk '{ print $2, $3 }'; aa-status --enforced || true",
  )
  const identity = await inClone(host, 'grep -o \'"hypervisor": *"[a-z]*"\' .lab/lab.json', { quiet: true })
  const made = (await inClone(host, readMade, { quiet: true })).stdout.trim()
  const [last = ''] = result.all
    .split('\n')
    .filter((line) => /✓|✗|…/.test(line))
    .slice(-1)
  await timed(host, 'down', './lab down --yes', minutesFor(30))
  expect(identity.stdout, tail(doctor.all)).toContain('kvm')
  return `${machine}; ${identity.stdout}; up ended with ${result.exitCode} after ${time} at "${last.trim()}"; made: ${made}; ${domains.replaceAll('\n', ', ')}; down`
}
