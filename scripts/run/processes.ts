/** Which processes on this machine belong to a lab, and which must never be killed: our own ancestors. */

export interface ProcessRow {
  pid: number
  parent: number
  /** `net:[4026531840]`, its network namespace. */
  net: string
  /** Its command line carries the lab's id. */
  named: boolean
  /** It runs in a cgroup of one of the lab's containers. */
  grouped: boolean
  program: string
}

/** Programs that belong to the lab if their command line names it; an editor with one of its files open does not. */
const named = /^(libvirtd|libvirt_lxc|virtlogd|dnsmasq|qemu-system-.*|ssh|slirp4netns)$/

/** Those of them that are not in the lab's namespace. */
const outside = ['ssh', 'slirp4netns']

export function parseProcessRow(fields: readonly string[]): ProcessRow {
  const [pid, parent, net, isNamed, grouped, program] = fields
  return {
    pid: Number(pid),
    parent: Number(parent),
    net: net ?? '',
    named: isNamed === '1',
    grouped: grouped === '1',
    program: program ?? '',
  }
}

/**
 * The lab's processes: in its namespace, in its cgroups, or its daemons by command line, with all their descendants.
 * Spared are `own`, its parents, and what runs below those of them that are in the lab: a sweep that Terraform
 * started inside the namespace must not end Terraform, which still has to write its state.
 */
export function selectProcesses(
  rows: readonly ProcessRow[],
  { netns, hostNet, own }: { netns: string | undefined; hostNet: string | undefined; own: number },
): ProcessRow[] {
  const byPid = new Map(rows.map((row) => [row.pid, row]))
  const marked = (row: ProcessRow) => row.grouped || (row.named && named.test(row.program))
  // A namespace whose name is gone lives on in its daemons.
  const daemons = rows.filter((row) => row.named && named.test(row.program) && !outside.includes(row.program))
  const nets = new Set(daemons.map((row) => row.net))
  if (netns) nets.add(netns)
  nets.delete(hostNet ?? '')
  nets.delete('')
  const members = new Set(rows.filter((row) => marked(row) || nets.has(row.net)).map((row) => row.pid))
  for (const pid of [...members]) {
    const parent = byPid.get(byPid.get(pid)!.parent)
    if (parent?.program === 'libvirt_lxc') members.add(parent.pid)
  }
  const spared = new Set<number>()
  for (const pid of lineOf(own, byPid)) if (nets.has(byPid.get(pid)?.net ?? '')) spared.add(pid)
  return rows.filter((row) => {
    const line = lineOf(row.pid, byPid)
    return line.some((pid) => members.has(pid)) && !line.some((pid) => spared.has(pid)) && row.pid !== own
  })
}

/** A process and its parents up to, not including, process 1. */
function lineOf(pid: number, byPid: ReadonlyMap<number, ProcessRow>): number[] {
  const line: number[] = []
  for (let at = pid; at > 1 && !line.includes(at); at = byPid.get(at)?.parent ?? 0) line.push(at)
  return line
}
