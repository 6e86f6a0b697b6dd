import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { overlayFolder } from '../../scripts/image/recipe.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { base } from '../../scripts/services/base.ts'
import { environmentWords } from '../../scripts/services/python-environment.ts'
import { fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

const [part] = base(fixtureLab('lxc'), fixtureSecrets).parts
const { unless, run } = part!.setup!.find(({ name }) => name === 'kernel settings')!
const file = part!.files.find(({ path }) => path.endsWith('60-duostack.conf'))!
// Not every kernel that runs this test has the bridge's own keys.
const settings = String(file.content).replaceAll(/^net\.bridge.*\n/gm, '')

/** On a simulated node, with what a test does before and after. */
async function onNode(before: string, after: string): Promise<string[]> {
  const script = `
mkdir -p ${file.path.replace(/\/[^/]*$/, '')}; mount -t tmpfs tmpfs ${file.path.replace(/\/[^/]*$/, '')}
printf %s "$settings" >${file.path}
check() { bash -euo pipefail -c "$unless" && echo right; }
${before}
check; bash -euo pipefail -c "$run"; check
${after}`
  const { stdout } = await execa('unshare', ['--net', '--mount', 'bash', '-s'], {
    input: script,
    env: { unless, run, settings },
    stderr: 'ignore',
    reject: false,
  })
  return stdout.split('\n')
}

test.runIf(isRoot)(
  'no bridge of Neutron, nor the provider interface, gives itself an address; IPv6 rules stay',
  async () => {
    const seen = await onNode(
      'ip link add eth1 type veth peer name cable; ip link set cable up; ip link set eth1 up; sleep 0.5; ip -br -6 addr show eth1 | grep -o fe80',
      'ip link add brq type bridge; ip link set brq up; ip link set eth1 master brq; sleep 2; ip -br -6 addr show brq; ip -br -6 addr show eth1; cat /proc/sys/net/ipv6/conf/default/disable_ipv6',
    )
    expect(seen).toEqual(['fe80', 'net.ipv6.conf.default.addr_gen_mode is 0', 'right', '0'])
  },
)

/** An instance's own router advertisement, as a bridge's node receives it. */
const advertise = `advertise() { python3 -c "
import socket, struct
one = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
prefix = struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 3600, 3600, 0) + socket.inet_pton(socket.AF_INET6, '2001:db8:bad::')
head = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0)
one.sendto(head + prefix, ('ff02::1', 0, 0, socket.if_nametoindex('guest')))"; sleep 0.5
ip -6 -o addr show scope global | sed -nE 's/.* (brq[0-9]) .*(2001:db8:bad):.*/\\1 \\2/p'; ip -6 route show default | grep -o 'dev.*brq[0-9]'; }
plug() { ip link add $1 type bridge; ip link set $1 up; ip link set tap master $1; sleep 0.5; }
ip link add tap type veth peer name guest; ip link set tap up; ip link set guest up
ip addr add fe80::2/64 dev guest nodad`

test.runIf(isRoot)('a bridge takes nothing from a router advertisement, and loses what it has taken', async () => {
  const taken = ['brq1 2001:db8:bad', 'dev brq1']
  expect(await onNode(`${advertise}\nplug brq1; advertise`, 'advertise; plug brq2; advertise; echo end')).toEqual([
    ...taken,
    '/proc/sys/net/ipv6/conf/brq1/accept_ra is not 0',
    'right',
    'end',
  ])
})

test.runIf(isRoot)('a key that the kernel lacks is fine if it is optional, and one that differs is named', async () => {
  const other = 'bash -euo pipefail -c "$run"; sysctl -q net.ipv4.conf.all.rp_filter=0'
  expect(await onNode(other, '')).toEqual(['net.ipv4.conf.all.rp_filter is 0', 'right', ''].filter(Boolean))
})

describe('an emulated node', () => {
  const [emulated, slow] = base(fixtureLab('qemu'), fixtureSecrets).parts
  const scheduler = slow!.files.find(({ path }) => path.startsWith('/etc/tmpfiles.d/'))!

  test('has its libraries at the same place in each process, and no other node has', () => {
    const sysctls = (of: typeof part) => of!.files.find(({ path }) => path.startsWith('/etc/sysctl.d/'))!.content
    expect(sysctls(emulated)).toMatch(/^kernel\.randomize_va_space = 0$/m)
    expect(sysctls(part)).not.toContain('randomize_va_space')
    expect(sysctls(base(fixtureLab('kvm'), fixtureSecrets).parts[0])).not.toContain('randomize_va_space')
    const others = (['lxc', 'kvm'] as const).flatMap((hypervisor) => base(fixtureLab(hypervisor), fixtureSecrets).parts)
    expect(others.flatMap(({ files }) => files.map(({ path }) => path))).not.toContain(scheduler.path)
  })

  test.runIf(isRoot)('has longer time slices, as its file says; a value that differs is set again', async () => {
    const { unless: slices } = slow!.setup!.find(({ name }) => name === "the scheduler's slices")!
    const folder = dirname(scheduler.path)
    // The kernel's own values stay as they are: the file names copies of them.
    const script = `
mkdir -p ${folder}; mount -t tmpfs tmpfs ${folder}; mount -t tmpfs tmpfs /mnt
sed 's#/sys/kernel/debug/sched/#/mnt/#' >${scheduler.path} <<<"$content"
check() { bash -euo pipefail -c "$slices" 2>/dev/null && echo right || echo wrong; }
check
while read -r _ path _ _ _ _ value; do echo "$value" >"$path"; done <${scheduler.path}; check
echo 1500000 >/mnt/min_granularity_ns; check`
    const env = { slices, content: String(scheduler.content).trimEnd() }
    const { stdout } = await execa('unshare', ['--mount', 'bash', '-s'], { input: script, env })
    expect(stdout.split('\n')).toEqual(['wrong', 'right', 'wrong'])
  })
})

test('commands over ssh have the same environment as units', () => {
  const sshd = readFileSync(join(overlayFolder, 'etc/ssh/sshd_config'), 'utf8')
  expect(sshd.match(/^SetEnv .*$/gm)).toEqual([`SetEnv LANG=C.UTF-8 ${environmentWords.join(' ')}`])
})
