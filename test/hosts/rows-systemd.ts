/** The cases of machine A. */

import { liveBesideDocker, liveBesideNftables, liveBesideUfw } from './firewall.ts'
import { live, liveThroughCutOff, liveThroughReboot } from './life.ts'
import { liveAsNewcomer } from './newcomer.ts'
import { bundleInto, liveOffline, suiteHere } from './offline.ts'
import type { Row } from './row.ts'
import {
  askForPassword,
  deployLiterally,
  liveAsLibvirtUser,
  liveBesideNetworkd,
  liveWithUmaskAndLocale,
} from './surroundings.ts'

const whole = {
  machine: 'A',
  kind: 'lxc',
  what: 'up, verify, reboot, up, verify, down',
  run: liveThroughReboot,
} as const
const debian13 = { machine: 'A', suite: 'trixie', kind: 'lxc' } as const
const system = { ...debian13, user: 'root', isolation: 'none' } as const
const ordinary = { ...debian13, user: 'dev', isolation: 'netns' } as const

export const systemdRows: readonly Row[] = [
  { name: 'debian13-root', suite: 'trixie', user: 'root', isolation: 'none', ...whole },
  { name: 'debian13-user', suite: 'trixie', user: 'dev', isolation: 'netns', ...whole },
  { name: 'debian12-root', suite: 'bookworm', user: 'root', isolation: 'none', ...whole },
  { name: 'debian12-user', suite: 'bookworm', user: 'dev', isolation: 'netns', ...whole },
  {
    ...ordinary,
    name: 'debian13-cut-off',
    what: 'reboot in the middle of an up; up, verify, down',
    run: liveThroughCutOff,
  },
  // For someone who has eight minutes; isolation is what an ordinary user's first up chooses by itself.
  { ...ordinary, name: 'debian13-quick', isolation: 'auto', what: 'up, verify, down', run: (host) => live(host) },
  {
    ...ordinary,
    name: 'debian13-literal',
    what: 'npm ci, npx cdktf deploy, verify, npx cdktf destroy',
    run: deployLiterally,
  },
  {
    ...system,
    name: 'debian13-docker-rules',
    what: 'up and down beside forwarding that is dropped and a foreign bridge',
    run: liveBesideDocker,
  },
  {
    ...system,
    name: 'debian13-nftables',
    what: 'up and down beside an nftables ruleset that drops',
    run: liveBesideNftables,
  },
  { ...system, name: 'debian13-ufw', what: 'up and down with ufw enabled', run: liveBesideUfw },
  {
    ...system,
    name: 'debian13-networkd',
    what: "up and down beside networkd, resolved and libvirt's default network",
    run: liveBesideNetworkd,
  },
  {
    ...system,
    name: 'debian13-libvirt-user',
    user: 'dev',
    what: 'up and down as a user in the group libvirt',
    run: liveAsLibvirtUser,
  },
  {
    ...ordinary,
    name: 'debian13-surroundings',
    what: 'up with umask 077 and in German, up again with LANG=C, down',
    run: liveWithUmaskAndLocale,
  },
  {
    ...ordinary,
    name: 'debian13-sudo-password',
    what: 'up and down where sudo asks for a password, without a terminal and on one',
    run: askForPassword,
  },
  {
    machine: 'A',
    suite: suiteHere(),
    name: 'offline',
    user: 'root',
    isolation: 'netns',
    kind: 'lxc',
    offline: bundleInto,
    what: "Debian's base, no network: a bundle with a save, offline/install; import, restore, down; up, down",
    run: liveOffline,
  },
  {
    ...debian13,
    name: 'newcomer',
    user: 'dev',
    isolation: 'auto',
    kind: 'auto',
    bare: true,
    what: "README's lines with nothing in a cache; down; up, down",
    run: liveAsNewcomer,
  },
]
