/** Labs under Debian's own kernel, emulated: as far as they come in a time, and what a sleeping laptop does to them. */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { asRoot, declareIsolation, type Host, inClone, timed, up, verified } from './host.ts'
import { showDuration, tail } from './ledger.ts'
import type { VirtualMachine } from './vm-machine.ts'

/** Which services Terraform knows as made, read from its state by a program of its own. */
const readMade = `node -e '
  const { resources } = JSON.parse(require("fs").readFileSync(".lab/terraform/services.tfstate", "utf8"))
  const made = resources.filter(({ type, instances }) => type === "terraform_data" && instances?.length && instances.every(({ status }) => !status))
  console.log(made.map(({ name }) => name).join(" "))
' 2>/dev/null || true`

/** Interrupted as by a person's Ctrl-C when its time is over. */
const upWithin = (host: Host, minutes: number) => `timeout -s INT -k 300 ${minutes * 60} ${up(host)}`

const minutesFor = (minutes: number) => ({ timeoutSeconds: (minutes + 10) * 60 })

/** The machine shows what it was made for. */
async function readMachine(host: Host): Promise<string> {
  const seen = await asRoot(
    host,
    'uname -r; stat -f -c %T /sys/fs/cgroup; cat /sys/module/apparmor/parameters/enabled; systemctl is-active libvirtd.socket',
  )
  expect(seen).toMatch(/\ncgroup2fs\nY\n/)
  return `kernel ${seen.split('\n')[0]}`
}

/** Up for so many minutes; then the services named must be made. Those beyond them are told. */
export const reach =
  (minutes: number, ...services: string[]) =>
  async (host: Host): Promise<string> => {
    const machine = await readMachine(host)
    await declareIsolation(host)
    // What stands on top says nothing more of the host.
    await inClone(host, `sed -i -E 's/^(  (cinder|horizon|demo)): true$/\\1: false/' ansible-vars/group_vars/all.yml`)
    const start = performance.now()
    const result = await inClone(host, upWithin(host, minutes), minutesFor(minutes))
    const time = showDuration((performance.now() - start) / 1000)
    const made = (await inClone(host, readMade, { quiet: true })).stdout.trim().split(' ')
    const missing = services.filter((name) => !made.includes(name))
    expect(missing, `after ${time}, made: ${made.join(', ')}\n${tail(result.all)}`).toEqual([])
    await timed(host, 'down', './lab down --yes', minutesFor(30))
    return `${machine}; ${result.exitCode === 0 ? 'up' : 'not finished'} in ${time}, made: ${made.join(', ')}; down`
  }

export async function liveWhole(host: Host): Promise<string> {
  const machine = await readMachine(host)
  await declareIsolation(host)
  const made = await timed(host, 'up', upWithin(host, 150), minutesFor(150))
  const lines = await verified(host)
  return `${machine}; ${made}, ${lines}; ${await timed(host, 'down', './lab down --yes', minutesFor(30))}`
}

/** Its lid is closed for ten minutes, and then its clock is right again, an hour and a minute later. */
export async function sleepLikeLaptop(host: Host): Promise<string> {
  await declareIsolation(host)
  const made = await timed(host, 'up', upWithin(host, 150), minutesFor(150))
  const machine = host.machine as VirtualMachine
  await machine.pause()
  await sleep(600_000)
  await machine.resume()
  await asRoot(host, 'date -s "+61 minutes"')
  const alone = await inClone(host, './lab verify', minutesFor(30))
  if (alone.exitCode === 0) return `${made}; after the sleep all is well without a hand`
  const mended = await timed(host, 'one up', upWithin(host, 60), minutesFor(60))
  return `${made}; after the sleep ${mended}, ${await verified(host)}`
}

/** A machine whose processor has hardware virtualization: the kind is chosen by itself, and a node is a domain of KVM. */
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
  const start = performance.now()
  const result = await inClone(host, upWithin(host, 150), minutesFor(150))
  const time = showDuration((performance.now() - start) / 1000)
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
