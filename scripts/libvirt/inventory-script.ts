/** The shell script that reads everything for the inventory, as root and in one process. */

import { shellQuote } from '../terminal/shell-quote.ts'
import { firewallFunctions, listRules } from './bridge-accept.ts'
import { listTables } from './outbound-rules.ts'
import { virshXml } from './script.ts'

export interface InventoryQuestion {
  id: string
  /** `/var/lib/duostack/<id>` */
  data: string
  /** The libvirtd's address for VMs and for containers. */
  uris: readonly string[]
  netns: string
  /** More folders that belong to the lab alone. */
  folders: readonly string[]
  /** The lab may have rules in this machine's firewall. */
  firewall: boolean
}

/** Prints lines `kind<TAB>fields…`, parsed by inventory.ts; changes nothing. */
export function inventoryScript({ id, data, uris, netns, folders, firewall }: InventoryQuestion): string {
  return `
id=${shellQuote(id)} data=${shellQuote(data)} netns=${shellQuote(netns)}
${virshXml}
for uri in ${uris.map(shellQuote).join(' ')}; do
  socket=\${uri##*socket=} # a private daemon that is gone is not asked
  [ "$socket" = "$uri" ] || [ -S "$socket" ] || continue
  printf 'xml\\t%s\\n' "$(virsh_xml "$uri" | base64 -w0)"
done
${readSystem}${firewall ? `${firewallFunctions}${listRules(id)}` : ''}${listTables({ id, paths: { data } })}
for folder in "$data" ${folders.map(shellQuote).join(' ')}; do
  [ -e "$folder" ] && printf 'directory\\t%s\\n' "$folder"
done
exit 0
`
}

/** Bash's own reading wherever a loop runs over every process: a program for each would cost seconds. */
const readSystem = `
if [ -e "$netns" ]; then
  printf 'namespace\\t%s\\n' "\${netns##*/}"
  printf 'netns\\t%s\\n' "$(stat -L -c 'net:[%i]' "$netns" 2>/dev/null)"
fi
printf 'hostnet\\t%s\\n' "$(readlink /proc/1/ns/net)"
while read -r _ _ _ _ point rest; do
  case "$point $rest" in *"$data"*|"$netns "*) printf 'mount\\t%s\\n' "$point" ;; esac
done </proc/self/mountinfo
while read -r _ name _; do
  case $name in "$id"-*) name=\${name%%[:@]*}; printf 'link\\t%s\\n' "$name" ;; esac
done < <(ip -o link show)
find /sys/fs/cgroup -maxdepth 4 -type d -name "duostack-$id-*" -printf 'cgroup\\t%p\\n' 2>/dev/null
find "$data" -mindepth 2 -maxdepth 2 -type f -path '*pool*' -printf 'volume\\t%p\\n' 2>/dev/null
declare -A net
while read -r path name; do path=\${path%/ns/net}; net[\${path#/proc/}]=$name; done \\
  < <(find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/net' -printf '%p %l\\n' 2>/dev/null)
for path in /proc/[0-9]*; do
  pid=\${path#/proc/} stat= argv=() groups=()
  { IFS= read -r stat <"$path/stat"; mapfile -d '' -t argv <"$path/cmdline"; mapfile -t groups <"$path/cgroup"; } 2>/dev/null
  [ -z "$stat" ] && continue
  named=0; case "\${argv[*]}" in *"duostack-$id"*|*"$data/"*) named=1 ;; esac
  grouped=0; case "\${groups[*]}" in *"/duostack-$id-"*) grouped=1 ;; esac
  program=\${stat#*\\(}; program=\${program%\\)*}
  case $program in libvirt_lxc|dnsmasq) # their command lines do not name the lab, but the folders they live in do
    mapfile -t groups <"$path/mountinfo"; case "\${groups[*]}" in *"$data/libvirt/run /run/libvirt "*) named=1 ;; esac
  esac
  rest=\${stat##*\\) }
  case $rest in Z*) continue ;; esac # ended already, only not fetched by its parent
  rest=\${rest#* }
  printf 'process\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' "$pid" "\${rest%% *}" "\${net[$pid]}" "$named" "$grouped" "$program"
done
`
