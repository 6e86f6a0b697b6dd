/** The cases of machines B and C. */

import type { Row } from './row.ts'
import { liveInKvm, liveWhole, reach, sleepLikeLaptop } from './stock-kernel.ts'

const agents = {
  machine: 'B',
  kind: 'lxc',
  what: "up for at most 75 min: nodes, base, chrony, MariaDB, Neutron's agents",
  run: reach(75, 'base', 'chrony', 'mariadb', 'neutron'),
} as const
const root = { user: 'root', isolation: 'none' } as const
const user = { user: 'dev', isolation: 'netns' } as const

export const virtualRows: readonly Row[] = [
  { name: 'debian12-stock-root', suite: 'bookworm', ...root, ...agents },
  { name: 'debian12-stock-user', suite: 'bookworm', ...user, ...agents },
  { name: 'debian13-stock-root', suite: 'trixie', ...root, ...agents },
  { name: 'debian13-stock-user', suite: 'trixie', ...user, ...agents },
  {
    name: 'debian12-stock-whole',
    suite: 'bookworm',
    ...root,
    machine: 'B',
    kind: 'lxc',
    what: 'up for at most 150 min, verify, down',
    run: liveWhole,
  },
  {
    name: 'debian12-laptop',
    suite: 'bookworm',
    ...root,
    machine: 'B',
    kind: 'lxc',
    what: 'paused for ten minutes, its clock 61 minutes on; verify, or one up',
    run: sleepLikeLaptop,
  },
  {
    name: 'debian13-kvm',
    suite: 'trixie',
    ...root,
    machine: 'C',
    kind: 'auto',
    what: 'up for at most 150 min with one processor a node, down',
    run: liveInKvm,
  },
]
