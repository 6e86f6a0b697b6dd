/** What the system's libvirtd holds: another lab's objects, and the networks whose ranges are taken. */

import { parseLibvirtXml } from './libvirt-xml.ts'
import { isRoot, runOnHost } from './process.ts'

export interface LibvirtFacts {
  /** The system's libvirtd answers. */
  answers: boolean
  domains: { name: string; mark: string }[]
  networks: { name: string; mark: string; ranges: string[] }[]
  pools: { name: string; mark: string }[]
}

/**
 * One root shell for both drivers: a user who may not connect yet shall still learn of a clash. Nothing is started:
 * without the daemon's socket there is nothing to ask.
 */
const script = `
[ -S /run/libvirt/libvirt-sock ] || exit 0
for uri in qemu:///system lxc:///system; do
  lists=$(timeout 10 virsh -q -c "$uri" 'list --all --uuid; echo network; net-list --all --uuid; echo pool; pool-list --all --uuid' 2>/dev/null) || continue
  echo answers
  kind=domain commands=
  for item in $lists; do
    case $kind$item in
      *network|*pool) kind=$item ;;
      domain*) commands="$commands dumpxml $item;" ;;
      network*) commands="$commands net-dumpxml $item;" ;;
      pool*) commands="$commands pool-dumpxml $item;" ;;
    esac
  done
  [ -z "$commands" ] || timeout 20 virsh -q -c "$uri" "$commands" 2>/dev/null
done
exit 0
`

// Never asks for a password: where sudo would, the missing right is a finding of its own.
const asRoot: [string, string[]] = isRoot ? ['bash', ['-s']] : ['sudo', ['-n', '--', 'bash', '-s']]

export async function readLibvirtFacts(): Promise<LibvirtFacts> {
  try {
    const { stdout } = await runOnHost(...asRoot, {
      step: 'read the system libvirtd',
      input: script,
      timeoutSeconds: 60,
    })
    return { answers: /^answers$/m.test(stdout), ...parseLibvirtXml(stdout) }
  } catch {
    return { answers: false, domains: [], networks: [], pools: [] }
  }
}
