/** What a node runs out of: memory, disk. */

import { profileOf, serviceNames } from '../../../declaration/service-profiles.ts'
import { readUsedMemory } from '../../../nodes/used-memory.ts'
import { isMemoryFull } from '../../checks/memory.ts'
import { rule, type ShellRead } from '../rule.ts'

const memory: ShellRead = {
  on: 'all',
  script: () => `
${readUsedMemory}
echo "used $used"
echo "largest $(ps -eo rss=,comm= --sort=-rss | head -n 4 | awk '{printf "%s %d MiB, ", $2, $1 / 1024}')"
journalctl -k -n 2000 -o cat --no-pager 2>/dev/null | grep -E 'Out of memory|oom-kill' | tail -n 2 | cut -c 1-200 | sed 's/^/killed /'`,
}

export const memoryFull = rule({
  symptom: 'seemingly unrelated failures: processes disappear, `fork: cannot allocate memory`, requests time out',
  cause: 'the node has less memory than its services and instances use, so the kernel kills processes',
  remedy: 'delete instances, or raise `memory_mib` in `ansible-vars/group_vars/` and run `./lab up`',
  reads: { memory },
  judge: ({ memory: answers }, { lab }) =>
    answers.flatMap(({ at, text }) => {
      const used = Number(/^used (\d+)$/m.exec(text)?.[1])
      const limit = lab.nodes.find(({ name }) => name === at)?.memoryMiB ?? 0
      if (!isMemoryFull({ usedMiB: used, memoryMiB: limit })) return []
      const largest = /^largest (.*), $/m.exec(text)?.[1]
      const killed = [...text.matchAll(/^killed (.*)$/gm)].map(([, line]) => `${at}: kernel: ${line}`)
      return [
        {
          about: at,
          evidence: [`${at}: ${used} of ${limit} MiB in use${largest ? `; largest: ${largest}` : ''}`, ...killed],
          next: `./lab ssh ${at} 'ps -eo rss,comm --sort=-rss | head; df -h -t tmpfs'`,
        },
      ]
    }),
})

const folders = ['/', '/var/log', ...serviceNames.flatMap((name) => profileOf(name).folders ?? [])].join(' ')
const disks: ShellRead = {
  on: 'all',
  script: () => `for folder in ${folders}; do
  [ -d $folder ] && echo "$(df -P $folder | awk 'NR == 2 {print $6, $5, $4}') $(df -Pi $folder | awk 'NR == 2 {print $5}')"
done | sort -u`,
}

/** Free space in KiB, as df gives it: of a large disk, two percent may be plenty. */
const plentyKiB = 2 ** 20

export const diskFull = rule({
  symptom: 'databases stop writing, uploads and launches fail with `No space left on device`',
  cause: "a file system that the services write to is full; a container node uses this machine's file system",
  remedy: 'remove images, instances and old logs, or rebuild the lab with a larger `disk_gib`',
  reads: { disks },
  judge: ({ disks: answers }) =>
    answers.flatMap(({ at, text }) =>
      [...text.matchAll(/^(\S+) (\d+)% (\d+) (\d+|-)%?$/gm)].flatMap(([, mount = '', used, free, inodes]) =>
        (Number(used) < 98 || Number(free) > plentyKiB) && !(Number(inodes) >= 98)
          ? []
          : [
              {
                about: `${at}:${mount}`,
                evidence: [
                  `${at}: df ${mount}: ${used} % of its space, ${inodes} % of its inodes used, ${Math.floor(Number(free) / 1024)} MiB free`,
                ],
                next: `./lab ssh ${at} 'du -xhd 2 ${mount} | sort -h | tail'`,
              },
            ],
      ),
    ),
})
