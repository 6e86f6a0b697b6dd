/** An ebtables that can delete the rules Neutron's Linux bridge agent makes. */

import type { Lab } from '../declaration/lab.ts'
import type { ConfigFile, Step } from '../engine/service.ts'

/*
 * ebtables-nft 1.8.9 cannot delete a rule that has --among-src ("RULE_DELETE failed (Invalid argument)", exit code 4).
 * The agent then retries without end inside its loop: no port on that node comes up any more, though the agent still
 * shows as alive. It happens as soon as a tap whose rules exist is wired anew, by a hard reboot for example.
 */

const legacy = '/usr/sbin/ebtables-legacy'
const wrapper = '/usr/local/sbin/ebtables-by-number'

/** Deleting the same rule by its number works, so that is what the wrapper does; all else passes through. */
const wrapperScript = `#!/bin/bash
# ebtables-nft, but a rule with --among-src is deleted by its number: by its text the kernel refuses it.
nft=/usr/sbin/ebtables-nft
table=filter chain= interface= delete= among=
for ((i = 1; i <= $#; i++)); do
  value=\${*:i+1:1}
  case \${!i} in
    -t | --table) table=$value ;;
    -D | --delete) delete=yes chain=$value ;;
    -i | --in-interface) interface=$value ;;
    --among-src) among=yes ;;
  esac
done
[ "$delete$among" = yesyes ] || exec "$nft" "$@"
number=$("$nft" -t "$table" -L "$chain" --Ln | awk -v tap="$interface" '
  /--among-src/ { for (i = 1; i < NF; i++) if ($i == "-i" && $(i + 1) == tap) { sub(/\\..*/, "", $1); print $1; exit } }')
if [ -z "$number" ]; then
  echo "ebtables-by-number: $chain has no such rule for $interface" >&2
  exit 1
fi
exec "$nft" -t "$table" -D "$chain" "$number"
`

export function ebtablesFiles(lab: Lab): ConfigFile[] {
  return lab.hypervisor === 'lxc' ? [{ path: wrapper, content: wrapperScript, mode: '0755' }] : []
}

/** VMs have Debian's kernel and with it the legacy tables, which delete well; a container has its host's kernel. */
export function ebtablesStep(lab: Lab): Step {
  const program = lab.hypervisor === 'lxc' ? wrapper : legacy
  const install = `update-alternatives --quiet --install /usr/sbin/ebtables ebtables ${wrapper} 5`
  return {
    name: `ebtables is ${program}`,
    unless: `[ "$(readlink -f /usr/sbin/ebtables)" = ${program} ]`,
    run: [...(program === wrapper ? [install] : []), `update-alternatives --quiet --set ebtables ${program}`].join(
      '\n',
    ),
  }
}
