/** An `ebtables` on every node that can delete the rules the Linuxbridge agent added. */

import type { Lab } from '../declaration/lab.ts'
import type { ConfigFile, Step } from '../engine/service.ts'

const wrapper = '/usr/local/sbin/ebtables-by-number'

/**
 * ebtables 1.8.9 over nftables cannot delete a rule with --among-src: "RULE_DELETE failed (Invalid argument)", exit
 * code 4. The agent retries without end, and from then on no port of its node comes up, though it still reports itself
 * alive. The old ebtables in the same package can, if the kernel has the old tables: a VM runs Debian's kernel, which
 * does. A container runs the host's, which may not.
 */
export function ebtablesRepair(lab: Lab): { files: ConfigFile[]; setup: Step[] } {
  if (lab.hypervisor !== 'lxc') return { files: [], setup: [useAlternative('/usr/sbin/ebtables-legacy')] }
  return { files: [{ path: wrapper, content: deleteByNumber, mode: '0755' }], setup: [useAlternative(wrapper)] }
}

function useAlternative(program: string): Step {
  const install = `update-alternatives --quiet --install /usr/sbin/ebtables ebtables ${program} 5`
  return {
    name: `ebtables is ${program}`,
    unless: `test "$(readlink -f /usr/sbin/ebtables)" = ${program}`,
    run: [...(program === wrapper ? [install] : []), `update-alternatives --quiet --set ebtables ${program}`].join(
      '\n',
    ),
  }
}

/** Finds the rule's position in its chain and deletes by position; everything else goes through unchanged. */
const deleteByNumber = `#!/bin/sh
# ebtables-nft 1.8.9 cannot delete a rule that has --among-src, except by its number in the chain.
nft=/usr/sbin/ebtables-nft
case " $* " in
  *" -D "*" --among-src "*) ;;
  *) exec "$nft" "$@" ;;
esac
table=filter
chain=
interface=
previous=
for word in "$@"; do
  case $previous in
    -t) table=$word ;;
    -D) chain=$word ;;
    -i) interface=$word ;;
  esac
  previous=$word
done
number=$("$nft" -t "$table" -L "$chain" | grep '^-' | grep -nF -e "-i $interface --among-src" | head -n 1 | cut -d : -f 1)
if [ -z "$number" ]; then
  echo "ebtables-by-number: $chain has no such rule for $interface" >&2
  exit 1
fi
exec "$nft" -t "$table" -D "$chain" "$number"
`
