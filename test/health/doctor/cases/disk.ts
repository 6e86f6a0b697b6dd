import { at, both, type Case } from '../case.ts'

const gib = 2 ** 20
/** Blocks of 1 KiB, so that numbers are readable. */
const disk = (use: string, device: number, free: number, inodes: number, mount: string) =>
  `disk ${use} ${device} 1024 ${6 * gib} ${free} 400000 ${inodes} / ${mount}`
const host = (...lines: string[]) => ({ disks: [at('host', lines.join('\n'))] })
const writable = 'mounted data rw,relatime /var/lib/duostack/1a2b3c4d'
const roomy = host(
  writable,
  disk('data', 7, 5 * gib, 350_000, '/var'),
  disk('states', 8, 5 * gib, 350_000, '/home'),
  'has 191\t/var/lib/duostack/1a2b3c4d/nodes/controller',
)

const server = (changes: object = {}) => ({
  id: '9dace733',
  name: 'test',
  status: 'ACTIVE',
  'OS-EXT-SRV-ATTR:instance_name': 'instance-00000001',
  'OS-EXT-SRV-ATTR:host': 'compute1',
  ...changes,
})
const paused = (reason: string) => [at('compute1', `paused instance-00000001 paused (${reason})\n`)]

const impairedId = '5a4b2f0c-3f5b-4a2e-9a51-000000000001'
const impaired = `impair ${impairedId} 42 rate 1000kbit\n`

export const disks: readonly Case[] = [
  {
    rule: 'host-disk',
    healthy: roomy,
    // One file system is one finding, however many of the lab's files are on it.
    broken: host(
      writable,
      disk('data', 7, 12, 350_000, '/'),
      disk('states', 7, 12, 350_000, '/'),
      'has 191\t/var/lib/duostack/1a2b3c4d/nodes/controller',
    ),
    about: 'host:/',
    evidence: ['df /: 0 MiB of 6144 MiB free', '1a2b3c4d: nodes/controller 191 MiB'],
  },
  {
    rule: 'host-disk',
    healthy: roomy,
    broken: host(disk('data', 7, 5 * gib, 0, '/var'), disk('states', 8, 5 * gib, 350_000, '/home')),
    about: 'host:/var',
    evidence: ['5120 MiB of 6144 MiB free, 0 inodes free'],
  },
  {
    rule: 'host-disk',
    // btrfs creates inodes as needed and counts none.
    healthy: host('disk data 7 4096 1000000 900000 0 0 / /'),
    broken: host('mounted data rw,relatime,emergency_ro /var', disk('data', 7, 5 * gib, 350_000, '/var')),
    about: 'host:/var',
    evidence: ['emergency_ro'],
  },
  {
    rule: 'host-disk',
    healthy: roomy,
    // As findmnt -r writes it.
    broken: host(
      'mounted states ro,relatime /home/a\\x20user/\\xc3\\xbc',
      disk('states', 8, 5 * gib, 350_000, '/home'),
    ),
    about: 'host:/home/a user/ü',
    evidence: ['findmnt /home/a user/ü: ro'],
  },
  {
    rule: 'instance-paused',
    healthy: { paused: both(''), servers: [server()] },
    broken: {
      paused: [at('compute1', `${paused('I/O error')[0]?.text}error instance-00000001 vda: no space`)],
      servers: [server()],
    },
    about: 'test',
    evidence: ['instance-00000001: paused (I/O error)', 'vda: no space'],
    fix: { node: 'compute1', script: 'virsh resume instance-00000001' },
  },
  {
    rule: 'instance-paused',
    // Done by Nova itself.
    healthy: { paused: paused('user'), servers: [server({ status: 'PAUSED' })] },
    broken: { paused: paused('user'), servers: [server()] },
    about: 'test',
    evidence: ['paused (user)'],
  },
  {
    rule: 'instance-impaired',
    // Of an instance that is gone: it ends by itself.
    healthy: { impaired: both(impaired), servers: [server()] },
    broken: { impaired: [at('compute1', impaired)], servers: [server({ id: impairedId })] },
    about: `test (${impairedId})`,
    evidence: ['compute1: made worse by ./lab impair: rate 1000kbit, for 42 s more'],
  },
]
