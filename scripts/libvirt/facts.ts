/** What the system's libvirtd contains: objects of other labs, and networks whose address ranges are taken. */

import { readIdentity } from '../declaration/identity.ts'
import { isRoot, rootPrefix, runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { virshWithin, virshXml } from './script.ts'
import { parseLibvirtXml } from './xml.ts'

export interface LibvirtFacts {
  /** The system's libvirtd answers. */
  answers: boolean
  /** The calling user may speak to it, or will be allowed to once it is installed. */
  connects: boolean
  domains: { name: string; mark: string }[]
  networks: { name: string; mark: string; ranges: string[] }[]
  pools: { name: string; mark: string }[]
  /** The checkout of each lab on this machine, by its id. */
  owners: Readonly<Record<string, string>>
  /** Ids of labs that their checkout no longer knows: only `./lab down --id` can remove what is left of them. */
  orphans: readonly string[]
}

/**
 * One root shell for both drivers, so that a user who may not connect yet still learns of a clash. Nothing is started:
 * without the daemon's socket nothing is queried.
 */
const script = `${virshXml}
for file in /var/lib/duostack/*/owner; do
  [ -f "$file" ] || continue
  id=\${file%/owner}; printf 'owner %s %s\\n' "\${id##*/}" "$(cat "$file")"
done
for name in /run/netns/duostack-*; do [ -e "$name" ] && printf 'namespace %s\\n' "\${name##*/duostack-}"; done
[ -S /run/libvirt/libvirt-sock ] || exit 0
for uri in qemu:///system lxc:///system; do virsh_xml "$uri" && echo answers; done
exit 0
`

// Never asks for a password: if sudo would, the missing permission is a separate finding.
const [asRoot = '', ...asRootArgs] = [...rootPrefix({ ask: false }), 'bash', '-s']

export async function readLibvirtFacts(): Promise<LibvirtFacts> {
  const [held, connects] = await Promise.all([readAsRoot(), mayConnect()])
  return { ...held, connects }
}

async function readAsRoot(): Promise<Omit<LibvirtFacts, 'connects'>> {
  try {
    const { stdout } = await runOnHost(asRoot, asRootArgs, {
      step: 'read the system libvirtd',
      input: script,
      timeoutSeconds: timeouts.machine.command.seconds,
    })
    const owners = Object.fromEntries([...stdout.matchAll(/^owner (\S+) (.*)$/gm)].map(([, id, path]) => [id, path]))
    const namespaces = [...stdout.matchAll(/^namespace ([0-9a-f]{8})$/gm)].map(([, id]) => id!)
    const ids = [...new Set([...Object.keys(owners), ...namespaces])]
    const orphans = ids.filter((id) => !knowsLab(owners[id], id))
    return { answers: /^answers$/m.test(stdout), ...parseLibvirtXml(stdout), owners, orphans }
  } catch {
    return { answers: false, domains: [], networks: [], pools: [], owners: {}, orphans: [] }
  }
}

/** The checkout exists and has this identity. */
function knowsLab(checkout: string | undefined, id: string): boolean {
  try {
    return checkout !== undefined && readIdentity(checkout)?.id === id
  } catch {
    // An identity that cannot be read may be this one.
    return true
  }
}

/** Debian's libvirt admits root and the group libvirt, which a session has only when it began as a member. */
async function mayConnect(): Promise<boolean> {
  if (isRoot) return true
  const input = `case " $(id -nG) " in *" libvirt "*) exit 0 ;; esac
[ -S /run/libvirt/libvirt-sock ] && ${virshWithin(20).join(' ')} -c qemu:///system list --name`
  try {
    const answer = await runOnHost('bash', ['-s'], {
      step: 'ask libvirt as this user',
      input,
      timeoutSeconds: timeouts.machine.query.seconds,
      allow: [0, 1, 124],
    })
    return answer.exitCode === 0
  } catch {
    return false
  }
}
