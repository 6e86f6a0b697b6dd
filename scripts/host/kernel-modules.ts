/** Loads the modules of this machine's kernel that container nodes use, because a container cannot load any. */

import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import type { Lab } from '../declaration/lab.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'

/** Without it security groups filter nothing, and the service `base` refuses the node. */
const needed = 'br_netfilter'

/** VLAN and VXLAN interfaces, and the tables that Neutron's agents write; a kernel may lack any of them. */
const useful = ['8021q', 'vxlan', 'nf_tables', 'nft_compat', 'ip_tables', 'ip6_tables']

export interface BridgeFilterFacts {
  /** `6.12.48+deb13-amd64` */
  kernel: string
  /** br_netfilter is in the running kernel, or can be loaded into it. */
  available: boolean
  /** The modules of the running kernel are installed; an upgrade of the kernel package removes them until the next boot. */
  modules: boolean
}

export function readBridgeFilter(): BridgeFilterFacts {
  const folder = `/lib/modules/${release()}`
  const lists = ['modules.dep', 'modules.builtin'].map((name) => readText(`${folder}/${name}`))
  const loadable = lists.some((list) => list.includes(`/${needed}.ko`))
  return {
    kernel: release(),
    available: existsSync('/proc/sys/net/bridge') || loadable,
    modules: existsSync(folder),
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/**
 * Prints the modules that it loaded. br_netfilter makes the firewall of every network namespace see bridged frames:
 * where it comes by us, this machine's own bridges keep being bridges. Each node decides for itself.
 */
const script = `loaded=
[ -d /proc/sys/net/bridge ] && before=1 || before=
for module in ${[needed, ...useful].join(' ')}; do
  [ ! -d "/sys/module/$module" ] || continue
  modprobe -q "$module" 2>/dev/null && [ -d "/sys/module/$module" ] && loaded="$loaded $module"
done
if [ -z "$before" ]; then
  for key in /proc/sys/net/bridge/bridge-nf-call-{iptables,ip6tables,arptables}; do [ ! -e "$key" ] || echo 0 >"$key"; done
fi
echo $loaded
`

/** Loads what is missing, and says so. It is not unloaded later: by then somebody else may use it. */
export async function ensureKernelModules(lab: Pick<Lab, 'hypervisor'>, progress: Progress): Promise<void> {
  if (!kindOf(lab).sharesHost) return
  const { stdout } = await runOnHost('bash', ['-s'], { step: 'kernel modules', root: true, input: script })
  const loaded = stdout.trim().split(' ').filter(Boolean)
  if (loaded.length === 0) return
  progress.line(`  kernel modules loaded for the nodes: ${loaded.join(' ')} (they stay until this machine reboots)`)
  if (loaded.includes(needed)) {
    progress.line(`  ${needed}: this machine's own bridges stay unfiltered (net.bridge.bridge-nf-call-* = 0)`)
  }
}
