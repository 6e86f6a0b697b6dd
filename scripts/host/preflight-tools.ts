/** Checks of the programs with which a lab is built: libvirt, AppArmor, Terraform, packages and their sources. */

import type { Finding } from '../declaration/errors.ts'
import { mayNotConnect } from '../libvirt/libvirtd-system.ts'
import { kindOf } from '../nodes/kind-of.ts'
import type { HostFacts } from './facts.ts'
import type { HostCheck, Wanted } from './host-check.ts'
import { checkInotify } from './inotify.ts'
import { missingPackages, neededPackages } from './packages.ts'

function checkLibvirt({ libvirt }: HostFacts, { isolation, declaration }: Wanted): Finding[] {
  return isolation === 'none' && !libvirt.connects ? [mayNotConnect(declaration.places.isolation)] : []
}

function seeLibvirt({ libvirt, packages }: HostFacts, { isolation }: Wanted): string {
  if (isolation === 'netns') return "the lab's own libvirtd, in its network namespace"
  if (libvirt.answers) return "this machine's libvirtd answers, and this user may use it"
  return packages.has('libvirt-daemon-system') ? 'will be started' : 'will be installed'
}

/** Only the system's libvirtd confines its guests; the lab's own one leaves that to the namespace. */
function checkAppArmor({ appArmor }: HostFacts, { isolation }: Wanted): Finding[] {
  if (isolation === 'netns' || !appArmor.enabled || appArmor.parser) return []
  return [
    {
      where: 'AppArmor',
      given: "enabled, but apparmor_parser is missing: libvirtd cannot load a node's profile and starts no node",
      allowed: 'the package apparmor, or a lab with its own libvirtd (lab_isolation: netns)',
      remedy: 'sudo apt-get install apparmor',
    },
  ]
}

/** Only container nodes have this machine's kernel. */
function checkKernel({ bridgeFilter }: HostFacts, { declaration }: Wanted): Finding[] {
  if (!kindOf(declaration).sharesHost || bridgeFilter.available) return []
  return [
    {
      where: `kernel ${bridgeFilter.kernel}`,
      given: `br_netfilter is not built in and cannot be loaded${bridgeFilter.modules ? '' : ': /lib/modules has nothing for this kernel'}`,
      allowed: 'a kernel with br_netfilter, for the security groups of container nodes; or virtual machines as nodes',
      remedy: bridgeFilter.modules
        ? "./lab up --hypervisor qemu; or boot one of the distribution's kernels"
        : 'reboot this machine: an upgrade removed the modules of the running kernel',
    },
  ]
}

const checkWatches = ({ inotify }: HostFacts, { declaration, living }: Wanted): Finding[] =>
  kindOf(declaration).sharesHost && !living ? checkInotify(inotify, declaration.nodes.length) : []

/** Go's oldest release that builds the providers; from 1.21 on it fetches a newer one by itself. */
const oldestGo = [1, 21] as const

export function checkTerraform({ terraform }: Pick<HostFacts, 'terraform'>): Finding[] {
  const { program, tooOld, registry, mirror, go } = terraform
  // Where the registry answers, so does the place of OpenTofu's releases.
  const builds = registry
    ? []
    : [...(program ? [] : ['OpenTofu']), ...(mirror ? [] : ['the providers, whose registry cannot be reached'])]
  const [major = 0, minor = 0] = (go ?? '0').split('.').map(Number)
  const fit = major > oldestGo[0] || (major === oldestGo[0] && minor >= oldestGo[1])
  if (builds.length === 0 || fit) return []
  return [
    {
      where: 'Terraform',
      given: `${tooOld.length ? `too old: ${tooOld.join(', ')}; ` : ''}Go is ${go ?? 'missing'}, but is needed to build ${builds.join(' and ')}`,
      allowed: 'Terraform 1.5 or later, or OpenTofu, and a registry that can be reached; or Go 1.21 or later',
      remedy: 'install Go 1.24 from https://go.dev/dl (Debian 13: sudo apt install golang-go)',
    },
  ]
}

function seeTerraform({ terraform: { program, registry, mirror } }: HostFacts): string {
  const providers = mirror
    ? 'providers in the cache'
    : registry
      ? 'providers from the registry'
      : 'providers will be built from source'
  return `${program ? program.path : 'OpenTofu will be downloaded'}; ${providers}`
}

const missingOf = ({ packages }: HostFacts, { declaration, isolation }: Wanted) =>
  missingPackages(neededPackages(declaration.hypervisor, isolation, declaration), packages)

/** Only what still has to come from there makes a source matter. */
function checkSources(facts: HostFacts, wanted: Wanted): Finding[] {
  const { sources } = facts
  const missing = missingOf(facts, wanted).map(({ name }) => name)
  if (sources === undefined || (missing.length === 0 && wanted.image)) return []
  const needed = [...(missing.length ? [missing.join(' ')] : []), ...(wanted.image ? [] : ['the node image'])]
  const silent = sources.filter((source) => source.silent !== undefined)
  if (sources.length > 0 && silent.length === 0) return []
  return [
    {
      where: 'package sources',
      given: sources.length
        ? silent.map(({ name, silent: why }) => `${name}: ${why}`).join('; ')
        : 'apt has none in /etc/apt/sources.list.d/',
      allowed: `sources that answer, for ${needed.join(' and ')}`,
      remedy: 'run sudo apt-get update and read its messages',
    },
  ]
}

function seeSources({ sources }: HostFacts): string {
  if (sources === undefined) return 'not checked: nothing has to be installed'
  const answering = sources.filter(({ silent }) => silent === undefined)
  return `${answering.length} of ${sources.length} answer`
}

export const toolChecks: readonly HostCheck[] = [
  { what: 'libvirt', findings: checkLibvirt, seen: seeLibvirt },
  {
    what: 'AppArmor',
    findings: checkAppArmor,
    seen: ({ appArmor }) => (appArmor.enabled ? 'enabled, with everything that libvirt needs' : 'off'),
  },
  {
    what: 'kernel',
    findings: checkKernel,
    seen: ({ bridgeFilter }) => `${bridgeFilter.kernel}, ${bridgeFilter.available ? 'with' : 'no'} br_netfilter`,
  },
  {
    what: 'inotify',
    findings: checkWatches,
    seen: ({ inotify }) => (inotify ? `${inotify.free} of ${inotify.limit} instances are free` : 'not checked'),
  },
  { what: 'Terraform', findings: checkTerraform, seen: seeTerraform },
  {
    what: 'packages',
    findings: () => [],
    seen: (facts, wanted) => {
      const missing = missingOf(facts, wanted).map(({ name }) => name)
      return missing.length ? `up installs: ${missing.join(' ')}` : 'everything that a lab needs is installed'
    },
  },
  { what: 'package sources', findings: checkSources, seen: seeSources },
]
