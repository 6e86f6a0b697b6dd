/**
 * The bash function `virsh_xml URI`, which prints every domain, network and pool of a libvirtd with two calls of virsh.
 */

/** virsh without a terminal: to a user who may not connect, polkit would put its question for a password there, and wait. */
export const virshWithin = (seconds: number): string[] => [
  'setsid',
  '--wait',
  'timeout',
  String(seconds),
  'virsh',
  '-q',
]

/** Succeeds with nothing where no daemon answers; one that hangs must not hang its reader. */
export const virshXml = `
virsh_xml() {
  local uri=$1 lists commands= kind=pool item
  # virsh's echo ends no line: the spaces keep its word apart from the list that follows. The last question decides: a
  # daemon without a driver for storage or networks has none of these, and domains all the same.
  lists=$(timeout 10 virsh -q -c "$uri" \\
    "pool-list --all --uuid; echo ' network '; net-list --all --uuid; echo ' domain '; list --all --uuid" 2>/dev/null) || return 1
  for item in $lists; do
    case $kind-$item in
      *-network|*-domain) kind=$item ;;
      domain-*) commands="$commands dumpxml $item;" ;;
      network-*) commands="$commands net-dumpxml $item;" ;;
      pool-*) commands="$commands pool-dumpxml $item;" ;;
    esac
  done
  [ -z "$commands" ] || timeout 20 virsh -q -c "$uri" "$commands" 2>/dev/null
  return 0
}
`
