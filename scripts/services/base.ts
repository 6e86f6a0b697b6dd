/** What every node has before any service: names, kernel settings, systemd's defaults. */

import type { Lab } from '../declaration/lab.ts'
import { providerInterface } from '../declaration/provider-network.ts'
import type { ConfigFile, Part, ServiceDefinition, Step } from '../engine/service.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { outboundParts } from './outbound-node.ts'
import { environmentThroughSudo, environmentWords } from './python-environment.ts'
import { unitDropIn } from './unit-drop-in.ts'

export const base: ServiceDefinition = (lab) => ({
  name: 'base',
  needs: [],
  parts: [
    {
      on: 'all',
      packages: ['curl', 'procps', 'sudo'],
      files: [hosts(lab), sysctls(lab), systemdDefaults(lab), environmentThroughSudo],
      setup: [sysctlsInForce(lab), systemdDefaultsInForce(lab)],
      units: [],
    },
    ...(lab.hypervisor === 'qemu' ? [longSlices] : []),
    ...outboundParts(lab),
  ],
  ready: [
    {
      what: 'the controller knows every node by its management address',
      on: 'controller',
      command: lab.nodes.map((node) => `getent ahostsv4 ${node.name} | grep -qw ${node.address}`).join(' && '),
    },
  ],
})

/**
 * One address per name, never a loopback address: with the usual line `127.0.1.1 controller` RabbitMQ cannot be reached
 * under its own name, and a compute node talks to itself.
 */
function hosts(lab: Lab): ConfigFile {
  const lines = lab.nodes.map((node) => `${node.address} ${node.name}`)
  return {
    path: '/etc/hosts',
    content: ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback', ...lines, ''].join('\n'),
  }
}

const sysctlFile = '/etc/sysctl.d/60-duostack.conf'

const sysctls = (lab: Lab): ConfigFile => ({
  path: sysctlFile,
  content: [
    '# Security groups filter what crosses a bridge only with these.',
    'net.bridge.bridge-nf-call-iptables = 1',
    'net.bridge.bridge-nf-call-ip6tables = 1',
    '# An instance speaks to no node: not to an IPv6 address that a bridge or the provider interface gave itself (off',
    '# altogether, Neutron would leave out the IPv6 rules of its security groups), nor to the management address.',
    '-net.ipv6.conf.default.addr_gen_mode = 1',
    '# Nor to one from a router advertisement: what an instance sends reaches its own node before it is filtered.',
    '-net.ipv6.conf.default.accept_ra = 0',
    `-net.ipv6.conf.${providerInterface}.disable_ipv6 = 1`,
    'net.ipv4.conf.all.rp_filter = 1',
    ...(lab.hypervisor === 'qemu' ? fixedAddresses : []),
    '',
  ].join('\n'),
})

const fixedAddresses = [
  '# The emulator keeps what it translated by virtual address: with libraries at a random place in each process it',
  '# translates them for each process again.',
  'kernel.randomize_va_space = 0',
]

const schedulerFile = '/etc/tmpfiles.d/duostack-scheduler.conf'

const sliceNanoseconds = { latency_ns: 100e6, min_granularity_ns: 40e6, wakeup_granularity_ns: 40e6 }

/**
 * After each process switch an emulated processor has to look up its translated code again, and the work between two
 * switches takes ten times as long: the kernel's slices of 1.5 to 12 ms are too short for it.
 */
const longSlices: Part = {
  on: 'all',
  packages: [],
  files: [
    {
      path: schedulerFile,
      content: Object.entries(sliceNanoseconds)
        .map(([key, value]) => `w /sys/kernel/debug/sched/${key} - - - - ${value}\n`)
        .join(''),
    },
    unitDropIn('systemd-tmpfiles-setup.service', { Unit: ['After=sys-kernel-debug.mount'] }),
  ],
  setup: [
    {
      name: "the scheduler's slices",
      unless: `while read -r _ path _ _ _ _ value; do [ "$(cat "$path")" = "$value" ] || exit 1; done < ${schedulerFile}`,
      run: `systemd-tmpfiles --create ${schedulerFile}`,
    },
  ],
  units: [],
}

/**
 * The bridge keys exist only if the kernel has br_netfilter loaded; a container uses its host's modules. A key with a
 * dash may be missing.
 */
function sysctlsInForce(lab: Lab): Step {
  const load = lab.hypervisor === 'lxc' ? '' : 'modprobe br_netfilter\n'
  const bridges = '/proc/sys/net/ipv6/conf/brq*'
  return {
    name: 'kernel settings',
    unless: `for one in ${bridges}; do
  [ ! -e "$one" ] || [ "$(cat "$one/accept_ra")" = 0 ] || { echo "$one/accept_ra is not 0"; exit 1; }
done
sed -nE 's/^(-?[a-z].*) = (.*)/\\1 \\2/p' ${sysctlFile} | while read -r key value; do
  now=$(sysctl -n "\${key#-}" 2>/dev/null) || [[ $key != -* ]] || continue
  [ "$now" = "$value" ] || { echo "\${key#-} is \${now:-unknown}"; exit 1; }
done`,
    // A bridge that exists keeps what it has; without IPv6 for a moment it loses its addresses and routes.
    run: `${load}sysctl -q -e -p ${sysctlFile}
for one in ${bridges}; do
  [ -e "$one" ] || continue
  for value in accept_ra=0 disable_ipv6=1 disable_ipv6=0; do echo "\${value#*=}" >"$one/\${value%=*}"; done
done`,
  }
}

/** On emulated nodes a service that starts in ten seconds natively needs more than systemd's 90 s. */
const startSeconds = (lab: Lab) => scaled(lab, timeouts.openstack.anyUnit)

const systemdDefaults = (lab: Lab): ConfigFile => ({
  path: '/etc/systemd/system.conf.d/duostack.conf',
  content: {
    Manager: { DefaultTimeoutStartSec: startSeconds(lab), DefaultEnvironment: environmentWords.join(' ') },
  },
})

function systemdDefaultsInForce(lab: Lab): Step {
  const property = 'org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager'
  const timeout = `[ "$(busctl get-property ${property} DefaultTimeoutStartUSec)" = "t ${startSeconds(lab) * 1_000_000}" ]`
  const environment = environmentWords.map((word) => `grep -qxF ${word} <<< "$environment"`)
  return {
    name: "systemd's defaults for units",
    unless: ['environment=$(systemctl show-environment)', [timeout, ...environment].join(' && ')].join('\n'),
    run: 'systemctl daemon-reload',
  }
}
