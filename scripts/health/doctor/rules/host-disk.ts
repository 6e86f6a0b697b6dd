/** The room on this machine's own file systems: where the nodes' data lie, and where the checkout keeps the states. */

import type { Lab } from '../../../declaration/lab.ts'
import { rootPrefixInShell } from '../../../run/process.ts'
import { shellQuote } from '../../../terminal/shell-quote.ts'
import { groupBy } from '../group-by.ts'
import { type Found, rule, type ShellRead } from '../rule.ts'

const mib = 2 ** 20

/**
 * Below this, in MiB, nothing can be relied on: RabbitMQ stops all publishers below 50 MB, MariaDB needs 12 MiB for its
 * temporary tables alone when it starts, and one upload or one busy log takes what is left within seconds.
 */
const fullMiB = 64
/** Below this, in MiB, a launch that unpacks an image or an `up` that installs a package can use it all up. */
const lowMiB = 512
/** Whatever a process that ended has given back just now. */
const fullInodes = 16
/** New files, not contents: each log that is rotated, each new table, each instance takes a few. */
const lowInodes = 1000

/** What a full file system does to a lab: each of these was seen, and none of them can be repaired before there is room. */
const consequencesOfFullDisk = [
  'node-not-running',
  'disk-full',
  'broker-down',
  'broker-broken',
  'broker-unreachable',
  'broker-blocked',
  'database-down',
  'database-refuses',
  'admin-refused',
  'credentials-refused',
  'unit-down',
  'api-silent',
  'dashboard-sessions',
  'agent-dead',
  'compute-down',
  'volume-driver',
  'volume-stuck',
  'metadata-refused',
  'dhcp-missing',
  'instance-paused',
  'instance-error',
  'instance-silent',
  'run-cut-off',
]

/**
 * Blocks and inodes that an ordinary user may still take: the services are none of root's. A private libvirtd has the
 * folder mounted over itself; the file system's own place is then its parent's.
 */
const disks: ShellRead = {
  on: 'host',
  script: (lab) => `
look() {
  local path=$2 device
  device=$(stat -c %d "$path") || return
  echo "mounted $1 $(findmnt -rnfo OPTIONS,TARGET -T "$path")"
  [ "$device" != "$(stat -c %d "$path/..")" ] || path=$path/..
  echo "disk $1 $device $(stat -f -c '%S %b %a %c %d' "$path") $(findmnt -rnfo FSROOT,TARGET -T "$path")"
}
look data ${shellQuote(lab.paths.data)}
look states ${shellQuote(lab.root)}
${rootPrefixInShell()}timeout 10 bash -c 'du -xsm "$1"/{nodes/*,pool,volumes}' du ${shellQuote(lab.paths.data)} 2>/dev/null | sed 's/^/has /'
true`,
}

/** findmnt -r writes a space and the like as `\x20`. */
const plain = (path: string) =>
  path.replaceAll(/(\\x[0-9a-f]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('\\x', ''), 'hex').toString())

interface Disk {
  use: string
  device: string
  totalMiB: number
  freeMiB: number
  /** Absent if the file system makes them as it needs them. */
  freeInodes?: number
  /** Whether its mount shows all of it, not one folder. */
  whole: boolean
  mount: string
}

function parseDisks(text: string): Disk[] {
  return [...text.matchAll(/^disk (\S+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\S+) (.+)$/gm)].map(
    ([, use = '', device = '', block, total, free, inodes, freeInodes, root, mount = '']) => ({
      use,
      device,
      totalMiB: Math.floor((Number(block) * Number(total)) / mib),
      freeMiB: Math.floor((Number(block) * Number(free)) / mib),
      ...(Number(inodes) > 0 ? { freeInodes: Number(freeInodes) } : {}),
      whole: root === '/',
      mount: plain(mount),
    }),
  )
}

const isFull = ({ freeMiB, freeInodes = Number.POSITIVE_INFINITY }: Disk) =>
  freeMiB < fullMiB || freeInodes < fullInodes
const isLow = ({ freeMiB, freeInodes = Number.POSITIVE_INFINITY }: Disk) => freeMiB < lowMiB || freeInodes < lowInodes

/** Where the nodes' part of it is: their own files on this machine, not the image below them. */
function describeOwn(lab: Lab, text: string): string[] {
  const own = [...text.matchAll(/^has (\d+)\s+(.+)$/gm)].map(
    ([, size, path = '']) => `${path.slice(lab.paths.data.length + 1)} ${size} MiB`,
  )
  return own.length ? [`used by this lab in ${lab.paths.data}: ${own.join(', ')}`] : []
}

const uses: Readonly<Record<string, (lab: Lab) => string>> = {
  data: (lab) => `the nodes' data (${lab.paths.data})`,
  states: (lab) => `the checkout with Terraform's states (${lab.root})`,
}

function findFull(lab: Lab, text: string, here: readonly Disk[]): Found[] {
  const disk = here.find(({ whole }) => whole) ?? here[0]
  if (!disk || !isLow(disk)) return []
  const holds = here.map(({ use }) => uses[use]?.(lab) ?? use).join(' and ')
  const inodes = disk.freeInodes === undefined ? '' : `, ${disk.freeInodes} inodes free`
  return [
    {
      about: `host:${disk.mount}`,
      cause: `the file system that holds ${holds} is ${isFull(disk) ? 'full' : 'nearly full'}`,
      evidence: [
        `host: df ${disk.mount}: ${disk.freeMiB} MiB of ${disk.totalMiB} MiB free${inodes}`,
        ...(here.some(({ use }) => use === 'data') ? describeOwn(lab, text) : []),
      ],
      next: `sudo du -x${disk.freeMiB < lowMiB ? 'h' : ' --inodes'} ${shellQuote(disk.mount)} 2>/dev/null | sort -h | tail -n 20`,
      explains: isFull(disk) ? consequencesOfFullDisk : ['disk-full'],
    },
  ]
}

/** `emergency_ro`: an ext4 that has stopped after an error, as Linux 6.16 and later show it. */
function findReadOnly(lab: Lab, text: string): Found[] {
  return [...text.matchAll(/^mounted (\S+) (\S+) (.+)$/gm)].flatMap(([, use = '', options = '', escaped = '']) => {
    const mount = plain(escaped)
    return options.split(',').some((option) => option === 'ro' || option === 'emergency_ro')
      ? [
          {
            about: `host:${mount}`,
            cause: `the file system that holds ${uses[use]?.(lab) ?? use} is read-only: it was mounted that way, or the kernel remounted it after a disk error`,
            evidence: [`host: findmnt ${mount}: ${options}`],
            next: `sudo dmesg | tail -n 30; sudo mount -o remount,rw ${shellQuote(mount)}`,
            explains: consequencesOfFullDisk,
          },
        ]
      : []
  })
}

export const hostDisk = rule({
  symptom: 'APIs answer 500, requests hang, services exit, instances freeze, all without an obvious common cause',
  cause: "the file system of this machine that holds the nodes' data or the checkout is full, nearly full or read-only",
  remedy:
    'free space there (old images, logs, other labs: `./lab down`); then run `./lab doctor --fix`, which restarts what does not recover by itself',
  reads: { disks },
  judge: ({ disks: [answer] }, { lab }) =>
    answer
      ? [
          ...findReadOnly(lab, answer.text),
          ...groupBy(parseDisks(answer.text), ({ device }) => device).flatMap(([, here]) =>
            findFull(lab, answer.text, here),
          ),
        ]
      : [],
})
